// SPDX-License-Identifier: Apache-2.0

import Attestation

/// The numbers that a simulated processor has instead of fuses.
struct SimulatedHardware: Hashable, Sendable, Codable {
    /// What TCB info is published for; starts with 5ea1 ("seal"), which no Intel processor does.
    let fmspc: FMSPC
    /// The provisioning certification enclave.
    let pceID: PCEID
    /// The platform's provisioning identifier.
    let ppid: PPID
    /// The platform's instance.
    let platformInstanceID: PlatformInstanceID
    /// The quoting enclave's instance.
    let qeIdentifier: QEIdentifier

    /// Draws the numbers of a new processor.
    static func random() -> SimulatedHardware {
        SimulatedHardware(
            fmspc: Self.value { [0x5e, 0xa1] + Self.random($0 - 2) }, pceID: Self.value { [UInt8](repeating: 0, count: $0) },
            ppid: Self.value(Self.random), platformInstanceID: Self.value(Self.random), qeIdentifier: Self.value(Self.random))
    }

    private static func value<Value: FixedSizeBytes>(_ make: (Int) -> [UInt8]) -> Value {
        guard let value = Value(make(Value.size)) else { preconditionFailure("the size is the type's own") }
        return value
    }

    private static func random(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255) }
    }

    /// Security versions of the 16 components of the TCB, as the PCK certificate states them.
    static let tcbComponents: [UInt8] = [12, 12, 3, 3, 255, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    /// Security version of the provisioning certification enclave.
    static let pceSVN: UInt16 = 13
    /// Versions of the TDX module and its loader: module 1 of security version 5, loader 4.
    static let teeTCBSVN = TEETCBSVN.simulated(module: 5, version: 1, loader: 4)
    /// Security version of the quoting enclave.
    static let qeSVN: UInt16 = 8
    /// ISVPRODID of Intel's quoting enclaves.
    static func qeProdID(_ tee: TEE) -> UInt16 {
        switch tee {
        case .sgx: 1
        case .tdx: 2
        }
    }
}

extension TEETCBSVN {
    /// Versions of a TDX module and its loader.
    static func simulated(module: UInt8, version: UInt8, loader: UInt8) -> TEETCBSVN {
        guard let value = TEETCBSVN([module, version, loader] + [UInt8](repeating: 0, count: TEETCBSVN.size - 3)) else {
            preconditionFailure("the size is the type's own")
        }
        return value
    }
}
