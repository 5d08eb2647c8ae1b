// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ModelServing
import RATLS
import X509

/// A set of TLS material, ready to be written.
struct TLSMaterial {
    let authority: IssuedCertificate
    let server: IssuedCertificate
    /// Absent where only the server proves itself.
    let client: IssuedCertificate?
    /// Where the authority's key goes; `nil` leaves it out.
    let authorityKeyPath: String?

    /// Writes the folder, whole or not at all.
    func write(to output: String, replacing: Bool) throws {
        let folder = try OutputFolder(path: output, permissions: 0o700, replacing: replacing)
        let members: [(String, IssuedCertificate?)] = [("server", self.server), ("client", self.client)]
        for case (let name, let identity?) in members {
            try folder.write(Array(identity.certificatePEM().utf8), to: "\(name)/cert.pem", permissions: 0o644)
            try folder.write(Array(identity.privateKeyPEM().utf8), to: "\(name)/key.pem", permissions: 0o600)
        }
        try folder.write(Array(self.authority.certificatePEM().utf8), to: "ca_cert.pem", permissions: 0o644)
        let authorityKey = Array(try self.authority.privateKeyPEM().utf8)
        if self.authorityKeyPath == "\(output)/ca_key.pem" { try folder.write(authorityKey, to: "ca_key.pem", permissions: 0o600) }
        let configuration = SSLConfiguration(
            serverKey: try self.server.privateKeyPEM(), serverCertificate: try self.server.certificatePEM(),
            customCA: self.client == nil ? "" : try self.authority.certificatePEM(), clientVerify: self.client != nil)
        try folder.write(Array(configuration.textFormat.utf8), to: "ssl.cfg", permissions: 0o600)
        // A key that is kept apart is written first: without it the folder's certificates could never be renewed.
        if let path = self.authorityKeyPath, path != "\(output)/ca_key.pem" {
            try OutputFile.write(authorityKey, to: path, permissions: 0o600, replacing: replacing)
        }
        try folder.commit()
    }
}
