// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import SwiftASN1

/// Reads certificates, their extensions, and the SGX extension of PCK certificates.
///
/// A platform that is read out of a certificate is whole: its components are its CPUSVN.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCertificate(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Sound: the memory is libFuzzer's during the call, and is copied.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard (try? RootOfTrust(publicKeyOfCertificateDER: input, kind: .custom)) != nil else { return 0 }
    let pem = Array(PEMDocument(type: "CERTIFICATE", derBytes: input).pemString.utf8 + [0x0a])
    guard let platform = try? SGXPlatform(claimedByPCKCertificatePEM: pem) else { return 0 }
    guard platform.tcbComponents.count == 16, platform.cpuSVN.bytes == platform.tcbComponents else {
        fatalError("a platform whose components and CPUSVN differ")
    }
    return 0
}
