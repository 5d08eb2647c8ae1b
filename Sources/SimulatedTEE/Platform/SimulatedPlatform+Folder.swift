// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Crypto
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension SimulatedPlatform {
    /// Names of the files in a platform's folder.
    private enum FileName {
        static let readMe = "README.txt"
        static let hardware = "platform.json"
        static let rootDER = "root-ca.der"
        static let attestationKey = "attestation-key.pem"
        static func certificate(_ name: String) -> String { "\(name).pem" }
        static func key(_ name: String) -> String { "\(name)-key.pem" }
    }

    /// Certificates and keys in the folder: base name of the files, and where they are in the value.
    private var authorities: [(name: String, authority: SimulatedAuthority)] {
        [("root-ca", self.root), ("pck-ca", self.pckAuthority), ("pck", self.pck), ("tcb-signing", self.tcbSigning)]
    }

    private static let readMe = """
        INSECURE: a simulated SGX platform of Sealwright, for development and tests.

        The keys in this folder make quotes that look genuine and prove nothing. Whoever can read them can claim to be any enclave.
        Never let a service that guards real secrets trust `root-ca.der`.

        """

    /// Saves the platform as a new folder, readable for its owner alone.
    ///
    /// - Parameters:
    ///   - path: the folder to make.
    ///   - replacing: whether a simulated platform already at `path` may be replaced.
    /// - Throws: ``SimulatedTEEError`` if something else is at `path`; an error that names the file if one cannot be written.
    public func save(to path: String, replacing: Bool = false) throws {
        if replacing { try Self.requireReplaceable(path) }
        let folder = try OutputFolder(path: path, permissions: 0o700, replacing: replacing)
        let workPath = folder.workPath
        func write(_ bytes: [UInt8], _ name: String) throws {
            try OutputFile.write(bytes, to: "\(workPath)/\(name)", permissions: 0o600, replacing: false)
        }
        try write(Array(Self.readMe.utf8), FileName.readMe)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try write(Array(encoder.encode(self.hardware)), FileName.hardware)
        try write(self.rootCertificateDER, FileName.rootDER)
        try write(Array(self.attestationKey.pemRepresentation.utf8), FileName.attestationKey)
        for (name, authority) in self.authorities {
            try write(Array(PEMDocument(type: "CERTIFICATE", derBytes: authority.certificateDER).pemString.utf8), FileName.certificate(name))
            try write(Array(authority.key.pemRepresentation.utf8), FileName.key(name))
        }
        try folder.commit()
    }

    /// Replacing a folder removes all of it, so it has to be one of ours: a slip such as `--output . --force` must not cost anything else.
    private static func requireReplaceable(_ path: String) throws {
        // Sound: the paths are lent to the calls as terminated strings.
        guard unsafe access(path, F_OK) == 0, unsafe access("\(path)/\(FileName.hardware)", F_OK) != 0 else { return }
        throw SimulatedTEEError(.notReplaceable, "\(path) exists and is not a simulated platform, so it is not replaced")
    }

    /// Loads a platform that ``save(to:replacing:)`` saved.
    public static func load(from path: String) throws -> SimulatedPlatform {
        func authority(_ name: String) throws -> SimulatedAuthority {
            let certificate = try Self.parse(path, FileName.certificate(name)) { try PEMDocument(pemString: $0).derBytes }
            let key = try Self.parse(path, FileName.key(name)) { try P256.Signing.PrivateKey(pemRepresentation: $0) }
            let authority = try Self.parse(path, FileName.certificate(name)) { _ in try SimulatedAuthority(key: key, certificateDER: certificate) }
            guard authority.certificate.publicKey == Certificate.PublicKey(key.publicKey) else {
                throw SimulatedTEEError(.unreadablePlatform, "\(path): \(FileName.key(name)) is not the key of \(FileName.certificate(name))")
            }
            return authority
        }
        return SimulatedPlatform(
            hardware: try Self.parse(path, FileName.hardware) { try JSONDecoder().decode(SimulatedHardware.self, from: Data($0.utf8)) },
            root: try authority("root-ca"),
            pckAuthority: try authority("pck-ca"),
            pck: try authority("pck"),
            tcbSigning: try authority("tcb-signing"),
            attestationKey: try Self.parse(path, FileName.attestationKey) { try P256.Signing.PrivateKey(pemRepresentation: $0) })
    }

    /// Largest file of a platform's folder that is read.
    private static let maximumFileSize = 64 * 1024

    private static func parse<Value>(_ folder: String, _ name: String, _ body: (String) throws -> Value) throws -> Value {
        let bytes = try InputFile.readAll("\(folder)/\(name)", limit: Self.maximumFileSize)
        do { return try body(String(decoding: bytes, as: UTF8.self)) } catch {
            // What the parsers say is left out: it could quote a key.
            throw SimulatedTEEError(.unreadablePlatform, "\(folder)/\(name) is malformed")
        }
    }
}
