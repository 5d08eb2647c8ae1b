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
        try self.quote(reportData: reportData, form: SimulatedQuoteForm(.enclave(enclave), version: 3), faults: faults)
    }

    /// Makes a quote of any form, in Intel's format and with real signatures.
    ///
    /// - Parameters:
    ///   - reportData: what the quote binds.
    ///   - form: what is attested, and how the quote is laid out.
    ///   - faults: what is to be wrong with it; those of collateral do not matter here.
    /// - Returns: the encoded quote.
    /// - Throws: what signing throws.
    public func quote(reportData: ReportData, form: SimulatedQuoteForm, faults: Set<SimulatedFault> = []) throws -> [UInt8] {
        var signed = ByteWriter(reservingCapacity: 1024)
        self.writeHeader(form, faults: faults, to: &signed)
        switch form.attester {
        case .enclave(let enclave):
            Self.writeDescriptor(form.version, type: 1, size: EnclaveReport.size, to: &signed)
            SimulatedEnclaveReport(enclave, reportData: reportData).write(to: &signed)
        case .trustDomain(let domain):
            Self.writeDescriptor(form.version, type: domain.layout.bodyType, size: domain.layout.size, to: &signed)
            SimulatedTDReport(domain: domain, reportData: reportData, faults: faults).write(to: &signed)
        }
        let signatureData = try self.signatureData(signing: signed.bytes, form: form, faults: faults)
        signed.writeLittleEndian(UInt32(signatureData.count))
        signed.write(signatureData)
        return signed.bytes
    }

    private func writeHeader(_ form: SimulatedQuoteForm, faults: Set<SimulatedFault>, to writer: inout ByteWriter) {
        writer.writeLittleEndian(faults.contains(.unsupportedVersion) ? UInt16(6) : form.version)
        writer.writeLittleEndian(UInt16(2))  // ECDSA with P-256.
        writer.writeLittleEndian(form.attester.tee == .sgx ? UInt32(0) : 0x81)
        writer.writeLittleEndian(form.version == 3 ? SimulatedHardware.qeSVN : 0)
        writer.writeLittleEndian(form.version == 3 ? SimulatedHardware.pceSVN : 0)
        writer.write(Self.intelVendorID)
        writer.write(self.hardware.qeIdentifier.bytes)
        writer.writeZeros(4)
    }

    /// Verifiers know no other vendor; that this quoting enclave is not Intel's shows in its root of trust.
    private static let intelVendorID: [UInt8] = [
        0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
    ]

    /// What version 5 says about the body that follows.
    private static func writeDescriptor(_ version: UInt16, type: UInt16, size: Int, to writer: inout ByteWriter) {
        guard version == 5 else { return }
        writer.writeLittleEndian(type)
        writer.writeLittleEndian(UInt32(size))
    }

    private func signatureData(signing signed: [UInt8], form: SimulatedQuoteForm, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let signingKey = faults.contains(.wrongQuoteSignature) ? P256.Signing.PrivateKey() : self.attestationKey
        let attestationKey =
            faults.contains(.attestationKeyOffCurve)
            ? [UInt8](repeating: 0x11, count: AttestationKey.size) : Array(self.attestationKey.publicKey.rawRepresentation)
        let qePart = try self.quotingEnclavePart(attestationKey: attestationKey, form: form, faults: faults)
        var writer = ByteWriter()
        writer.write(try signingKey.signature(for: signed).rawRepresentation)
        writer.write(attestationKey)
        if form.version >= 4 {
            writer.writeLittleEndian(UInt16(6))  // QE report certification data.
            writer.writeLittleEndian(UInt32(qePart.count))
        }
        writer.write(qePart)
        return writer.bytes
    }

    /// The quoting enclave's report, what signs it and what certifies that.
    private func quotingEnclavePart(attestationKey: [UInt8], form: SimulatedQuoteForm, faults: Set<SimulatedFault>) throws -> [UInt8] {
        let bound = faults.contains(.wrongQEReportData) ? [UInt8](repeating: 0, count: AttestationKey.size) : attestationKey
        var report = ByteWriter(reservingCapacity: EnclaveReport.size)
        SimulatedEnclaveReport(
            quotingEnclaveFor: form.attester.tee, binding: Array(SHA256.hash(data: bound + form.qeAuthenticationData)), faults: faults
        ).write(to: &report)
        let pckKey = faults.contains(.wrongQEReportSignature) ? P256.Signing.PrivateKey() : self.pck.key
        let content = try self.certificationContent(form.certificationData, faults: faults)
        var writer = ByteWriter()
        writer.write(report.bytes)
        writer.write(try pckKey.signature(for: report.bytes).rawRepresentation)
        writer.writeLittleEndian(UInt16(form.qeAuthenticationData.count))
        writer.write(form.qeAuthenticationData)
        writer.writeLittleEndian(form.certificationData.rawValue)
        writer.writeLittleEndian(UInt32(content.count))
        writer.write(content)
        return writer.bytes
    }

    private func certificationContent(_ kind: CertificationData.Kind, faults: Set<SimulatedFault>) throws -> [UInt8] {
        switch kind {
        case .plainPPID: self.identification(ppid: self.hardware.ppid.bytes)
        // Encrypted to Intel, so that nobody here can tell it from noise.
        case .ppidRSA2048: self.identification(ppid: [UInt8](repeating: 0xee, count: 256))
        case .ppidRSA3072: self.identification(ppid: [UInt8](repeating: 0xee, count: 384))
        case .pckCertificate: Self.pem([try self.pckCertificate(faults: faults)])
        case .pckChain: try self.pckChain(faults: faults)
        case .platformManifest: [UInt8](repeating: 0x3a, count: 64)
        }
    }

    private func identification(ppid: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(ppid)
        writer.write(SimulatedHardware.tcbComponents)  // CPUSVN
        writer.writeLittleEndian(SimulatedHardware.pceSVN)
        writer.write(self.hardware.pceID.bytes)
        return writer.bytes
    }
}

extension TDReport.Layout {
    /// What the descriptor of a version 5 quote calls it.
    fileprivate var bodyType: UInt16 {
        switch self {
        case .version1_0: 2
        case .version1_5: 3
        case .version1_5Extended: 4
        }
    }
}
