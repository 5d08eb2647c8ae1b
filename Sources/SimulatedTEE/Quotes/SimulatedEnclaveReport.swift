// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding

/// The report of a simulated enclave: 384 bytes, by the layout of Intel's Software Developer's Manual.
struct SimulatedEnclaveReport {
    private let miscSelect: UInt32
    private let attributes: EnclaveAttributes
    private let mrEnclave: Measurement
    private let mrSigner: Measurement
    private let isvProdID: UInt16
    private let isvSVN: UInt16
    private let reportData: [UInt8]

    /// The report of an attested enclave.
    init(_ enclave: SimulatedEnclave, reportData: ReportData) {
        self.miscSelect = 0
        self.attributes = enclave.attributes
        self.mrEnclave = enclave.mrEnclave
        self.mrSigner = enclave.mrSigner
        self.isvProdID = enclave.isvProdID
        self.isvSVN = enclave.isvSVN
        self.reportData = reportData.bytes
    }

    /// The report of the quoting enclave, which binds the digest of an attestation key.
    init(quotingEnclaveFor tee: TEE, binding digest: [UInt8], faults: Set<SimulatedFault>) {
        let isDebug = faults.contains(.debugQE) || faults.contains(.debugQEInIdentity)
        self.miscSelect = faults.contains(.wrongQEMiscSelect) ? 1 : 0
        self.attributes = EnclaveAttributes(flags: isDebug ? 0x17 : 0x15, xfrm: 0xe7)
        self.mrEnclave = .simulatedQuotingEnclaveSigner
        self.mrSigner = faults.contains(.wrongQESigner) ? .simulatedSigner : .simulatedQuotingEnclaveSigner
        self.isvProdID = faults.contains(.wrongQEProduct) ? 0x99 : SimulatedHardware.qeProdID(tee)
        self.isvSVN = Self.qeSVN(faults)
        self.reportData = digest + [UInt8](repeating: 0, count: ReportData.size - digest.count)
    }

    /// A version at the level of ``QEIdentityDocument`` that the fault asks for.
    private static func qeSVN(_ faults: Set<SimulatedFault>) -> UInt16 {
        if faults.contains(.unsupportedQE) { return QEIdentityDocument.lowestSVN - 1 }
        if faults.contains(.revokedQE) { return QEIdentityDocument.revokedSVN }
        return faults.contains(.outdatedQE) ? QEIdentityDocument.outdatedSVN : SimulatedHardware.qeSVN
    }

    func write(to writer: inout ByteWriter) {
        writer.write(SimulatedHardware.tcbComponents)  // CPUSVN
        writer.writeLittleEndian(self.miscSelect)
        writer.writeZeros(12 + 16)  // reserved, ISVEXTPRODID
        writer.write(self.attributes.bytes)
        writer.write(self.mrEnclave.bytes)
        writer.writeZeros(32)
        writer.write(self.mrSigner.bytes)
        writer.writeZeros(32 + 64)  // reserved, CONFIGID
        writer.writeLittleEndian(self.isvProdID)
        writer.writeLittleEndian(self.isvSVN)
        writer.writeZeros(2 + 42 + 16)  // CONFIGSVN, reserved, ISVFAMILYID
        writer.write(self.reportData)
    }
}
