// SPDX-License-Identifier: Apache-2.0

/// A kind of trusted execution environment.
public enum TEE: String, Hashable, Sendable, Codable {
    /// Intel Software Guard Extensions: an enclave in a process.
    case sgx = "SGX"
    /// Intel Trust Domain Extensions: a virtual machine.
    case tdx = "TDX"

    /// The TEE that a quote header's number names.
    init?(headerValue: UInt32) {
        switch headerValue {
        case 0x0000_0000: self = .sgx
        case 0x0000_0081: self = .tdx
        default: return nil
        }
    }
}
