// SPDX-License-Identifier: Apache-2.0

package import Attestation
import ByteCoding
import SwiftASN1
import X509

extension RootOfTrust {
    /// Reads the root certificate of a simulated platform, DER or PEM.
    ///
    /// - Throws: a file error, or ``RATLSError/Code-swift.struct/badPEM`` for a file that holds no certificate.
    package init(simulatedRootFile path: String) throws {
        let bytes = try InputFile.readAll(path, limit: PEMDocument.sizeLimit)
        let der = bytes.first == 0x30 ? bytes : try PEMDocument.certificates(bytes, name: path).first ?? []
        do {
            _ = try Certificate(derEncoded: der)
        } catch {
            throw RATLSError(
                .badPEM, "\(path) holds no certificate: \(error)", remedy: "give root-ca.der of the simulated platform (sealwright simulate init)")
        }
        self.init(certificateDER: der, kind: .simulated)
    }
}
