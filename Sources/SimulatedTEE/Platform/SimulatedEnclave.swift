// SPDX-License-Identifier: Apache-2.0

public import Attestation

/// What a simulated quote says about the enclave it is for.
///
/// Nothing stands behind it.
public struct SimulatedEnclave: Hashable, Sendable {
    /// Measurement of the enclave that is claimed to run.
    public var mrEnclave: Measurement
    /// Signer of the enclave that is claimed to run.
    public var mrSigner: Measurement
    /// Product number.
    public var isvProdID: UInt16
    /// Security version number.
    public var isvSVN: UInt16
    /// Whether the enclave is claimed to be a debug enclave.
    public var isDebug: Bool

    /// Describes an enclave.
    public init(
        mrEnclave: Measurement = .simulatedEnclave, mrSigner: Measurement = .simulatedSigner, isvProdID: UInt16 = 0, isvSVN: UInt16 = 0,
        isDebug: Bool = false
    ) {
        self.mrEnclave = mrEnclave
        self.mrSigner = mrSigner
        self.isvProdID = isvProdID
        self.isvSVN = isvSVN
        self.isDebug = isDebug
    }

    /// INIT and MODE64BIT, and DEBUG if claimed; x87 and SSE state, as every enclave has.
    var attributes: EnclaveAttributes { EnclaveAttributes(flags: self.isDebug ? 0x7 : 0x5, xfrm: 0x3) }
}

extension Measurement {
    /// MRENCLAVE of a simulated enclave where none is named: easily told from a real one.
    public static let simulatedEnclave = Measurement(repeating: 0xe1)
    /// MRSIGNER of a simulated enclave where none is named.
    public static let simulatedSigner = Measurement(repeating: 0x51)
    /// MRSIGNER of the simulated quoting enclave.
    static let simulatedQuotingEnclaveSigner = Measurement(repeating: 0x9e)

    private init(repeating byte: UInt8) {
        guard let value = Measurement([UInt8](repeating: byte, count: Measurement.size)) else { preconditionFailure("the size is the type's own") }
        self = value
    }
}
