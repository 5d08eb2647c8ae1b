// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding
import Crypto
import SwiftASN1

extension SimulatedPlatform {
    /// Makes a version 3 quote of `enclave`, in Intel's format and with real signatures, PCK chain included (certification data type 5).
    public func quote(
        reportData: ReportData, enclave: SimulatedEnclave = SimulatedEnclave(), faults: Set<SimulatedFault> = []
    ) throws -> [UInt8] {
        var signed = ByteWriter(reservingCapacity: QuoteHeader.size + EnclaveReport.size)
        self.writeHeader(to: &signed)
        Self.writeReport(
            mrEnclave: enclave.mrEnclave, mrSigner: enclave.mrSigner, attributes: enclave.attributes, isvProdID: enclave.isvProdID,
            isvSVN: enclave.isvSVN, reportData: reportData.bytes, to: &signed)
        let signingKey = faults.contains(.wrongQuoteSignature) ? P256.Signing.PrivateKey() : self.attestationKey
        let signatureData = try self.signatureData(
            quoteSignature: signingKey.signature(for: signed.bytes).rawRepresentation, faults: faults)
        signed.writeLittleEndian(UInt32(signatureData.count))
        signed.write(signatureData)
        return signed.bytes
    }

    private func writeHeader(to writer: inout ByteWriter) {
        writer.writeLittleEndian(UInt16(3))
        writer.writeLittleEndian(UInt16(2))  // ECDSA with P-256.
        writer.writeLittleEndian(UInt32(0))  // SGX.
        writer.writeLittleEndian(SimulatedHardware.qeSVN)
        writer.writeLittleEndian(SimulatedHardware.pceSVN)
        writer.write(Self.intelVendorID)
        writer.write(self.hardware.qeIdentifier.bytes)
        writer.writeZeros(4)
    }

    /// Verifiers know no other vendor; that this quoting enclave is not Intel's shows in its root of trust.
    private static let intelVendorID: [UInt8] = [
        0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
    ]

    private func signatureData(quoteSignature: some Sequence<UInt8>, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let attestationKey = Array(self.attestationKey.publicKey.rawRepresentation)
        let authenticationData = [UInt8](0...31)  // As Intel's quoting enclave has it.
        var qeReport = ByteWriter(reservingCapacity: EnclaveReport.size)
        let bound = faults.contains(.wrongQEReportData) ? [UInt8](repeating: 0, count: 64) : attestationKey
        Self.writeReport(
            mrEnclave: .simulatedQuotingEnclaveSigner,
            mrSigner: faults.contains(.wrongQESigner) ? .simulatedSigner : .simulatedQuotingEnclaveSigner,
            attributes: EnclaveAttributes(flags: faults.contains(.debugQE) ? 0x17 : 0x15, xfrm: 0xe7),
            isvProdID: SimulatedHardware.qeProdID, isvSVN: SimulatedHardware.qeSVN,
            reportData: Array(SHA256.hash(data: bound + authenticationData)) + [UInt8](repeating: 0, count: 32), to: &qeReport)
        let pckKey = faults.contains(.wrongQEReportSignature) ? P256.Signing.PrivateKey() : self.pck.key

        var writer = ByteWriter()
        writer.write(quoteSignature)
        writer.write(attestationKey)
        writer.write(qeReport.bytes)
        writer.write(try pckKey.signature(for: qeReport.bytes).rawRepresentation)
        writer.writeLittleEndian(UInt16(authenticationData.count))
        writer.write(authenticationData)
        let chain = self.pckChain
        writer.writeLittleEndian(UInt16(5))  // PCK certificate chain, PEM.
        writer.writeLittleEndian(UInt32(chain.count))
        writer.write(chain)
        return writer.bytes
    }

    /// The 384 bytes of an enclave report, by the layout of Intel's Software Developer's Manual.
    private static func writeReport(
        mrEnclave: Measurement, mrSigner: Measurement, attributes: EnclaveAttributes, isvProdID: UInt16, isvSVN: UInt16, reportData: [UInt8],
        to writer: inout ByteWriter
    ) {
        writer.write(SimulatedHardware.tcbComponents)  // CPUSVN
        writer.writeLittleEndian(UInt32(0))  // MISCSELECT
        writer.writeZeros(12 + 16)  // reserved, ISVEXTPRODID
        writer.write(attributes.bytes)
        writer.write(mrEnclave.bytes)
        writer.writeZeros(32)
        writer.write(mrSigner.bytes)
        writer.writeZeros(32 + 64)  // reserved, CONFIGID
        writer.writeLittleEndian(isvProdID)
        writer.writeLittleEndian(isvSVN)
        writer.writeZeros(2 + 42 + 16)  // CONFIGSVN, reserved, ISVFAMILYID
        writer.write(reportData)
    }
}
