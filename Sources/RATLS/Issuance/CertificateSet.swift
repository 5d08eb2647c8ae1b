// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SwiftASN1
public import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// A folder of TLS material as `tls issue` writes it: an authority, a server's certificate and, for mutual TLS, a client's.
public struct CertificateSet: Sendable {
    /// One end's certificate, with its key where the folder has it.
    public struct Member: Sendable {
        /// `ca_cert.pem`, `server/cert.pem` or `client/cert.pem`.
        public let file: String
        /// The certificate.
        public let certificate: Certificate
        /// Its key, where it is there.
        public let privateKey: Certificate.PrivateKey?
        /// Path of the key's file, where it is there.
        let keyPath: String?
    }

    /// The authority, whose key may be kept elsewhere.
    public let authority: Member
    /// The server's.
    public let server: Member
    /// The client's; absent for TLS in which only the server proves itself.
    public let client: Member?

    /// Reads a folder.
    ///
    /// - Throws: ``CertificateIssuanceError`` `not-a-set` for what is no certificate or key; a file error for what is missing.
    public init(folder: String) throws {
        self.authority = try Self.member(folder, "ca_cert.pem", key: "ca_key.pem")
        self.server = try Self.member(folder, "server/cert.pem", key: "server/key.pem")
        self.client =
            FileManager.default.fileExists(atPath: "\(folder)/client/cert.pem")
            ? try Self.member(folder, "client/cert.pem", key: "client/key.pem") : nil
    }

    private static func member(_ folder: String, _ file: String, key: String) throws -> Member {
        let certificate = try self.certificate("\(folder)/\(file)")
        let keyPath = "\(folder)/\(key)"
        guard FileManager.default.fileExists(atPath: keyPath) else {
            return Member(file: file, certificate: certificate, privateKey: nil, keyPath: nil)
        }
        return Member(file: file, certificate: certificate, privateKey: try self.privateKey(keyPath), keyPath: keyPath)
    }

    /// The first certificate of a PEM file.
    static func certificate(_ path: String) throws -> Certificate {
        let bytes = try PEMDocument.certificates(try InputFile.readAll(path, limit: PEMDocument.sizeLimit), name: path)
        do {
            return try Certificate(derEncoded: bytes[0])
        } catch {
            throw CertificateIssuanceError.notASet("\(path) holds no certificate that can be read")
        }
    }

    /// The private key of a PEM file.
    static func privateKey(_ path: String) throws -> Certificate.PrivateKey {
        let document = try PEMDocument.privateKey(try InputFile.readAll(path, limit: PEMDocument.sizeLimit), name: path)
        do {
            return try Certificate.PrivateKey(pemEncoded: document.text)
        } catch {
            throw CertificateIssuanceError.notASet("\(path) holds no private key that can be read")
        }
    }

    /// The members that there are.
    public var members: [Member] { [self.authority, self.server] + (self.client.map { [$0] } ?? []) }
}

extension CertificateSet {
    /// Something about a set that its owner should mend.
    public struct Finding: Encodable, Hashable, Sendable {
        /// What kind of fault it is, in kebab case.
        public let identifier: String
        /// What was found.
        public let message: String
        /// What to do about it.
        public let remedy: String
    }

    /// From how many days before its end on a certificate is worth a word.
    static let warnedDays = 30.0

    /// What is wrong with the set at a time; empty for one that is fit for its purpose.
    public func findings(at now: Date) -> [Finding] {
        var findings: [Finding] = []
        for member in self.members {
            findings += Self.lifetime(member, now) + Self.keyFindings(member)
            guard member.file != self.authority.file else { continue }
            if !self.isIssuedByAuthority(member.certificate) {
                findings.append(
                    Finding(
                        identifier: "other-authority", message: "\(member.file) was not issued by ca_cert.pem",
                        remedy: "issue a new set: sealwright tls issue"))
            }
        }
        let facts = (authority: CertificateFacts(self.authority.certificate), server: CertificateFacts(self.server.certificate))
        if !facts.authority.isAuthority { findings.append(Self.unfit("ca_cert.pem", "is no authority's certificate")) }
        if !facts.server.isForServers { findings.append(Self.unfit("server/cert.pem", "is not for servers")) }
        if facts.server.names.isEmpty {
            findings.append(Self.unfit("server/cert.pem", "has no subject alternative name, which today's clients demand"))
        }
        if let client = self.client, !CertificateFacts(client.certificate).isForClients {
            findings.append(Self.unfit("client/cert.pem", "is not for clients"))
        }
        return findings
    }

    private func isIssuedByAuthority(_ certificate: Certificate) -> Bool {
        certificate.issuer == self.authority.certificate.subject
            && self.authority.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }

    private static func unfit(_ file: String, _ fault: String) -> Finding {
        Finding(identifier: "unfit-certificate", message: "\(file) \(fault)", remedy: "issue a new set: sealwright tls issue")
    }

    private static func lifetime(_ member: Member, _ now: Date) -> [Finding] {
        let (begin, end) = (member.certificate.notValidBefore, member.certificate.notValidAfter)
        let remedy = "make new ones: sealwright tls renew FOLDER"
        if now < begin {
            return [
                Finding(
                    identifier: "not-yet-valid", message: "\(member.file) is valid from \(begin.formatted(.iso8601)) on",
                    remedy: "check this machine's clock")
            ]
        }
        if now > end { return [Finding(identifier: "expired", message: "\(member.file) ended \(end.formatted(.iso8601))", remedy: remedy)] }
        guard end.timeIntervalSince(now) < Self.warnedDays * 86400 else { return [] }
        return [Finding(identifier: "ends-soon", message: "\(member.file) ends \(end.formatted(.iso8601))", remedy: remedy)]
    }

    private static func keyFindings(_ member: Member) -> [Finding] {
        guard let key = member.privateKey, let path = member.keyPath else { return [] }
        var findings: [Finding] = []
        if key.publicKey != member.certificate.publicKey {
            findings.append(
                Finding(
                    identifier: "other-key", message: "\(path) is not the key of \(member.file)", remedy: "issue a new set: sealwright tls issue"))
        }
        let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int ?? 0
        if mode & 0o077 != 0 {
            findings.append(
                Finding(
                    identifier: "readable-key", message: "\(path) can be read by others",
                    remedy: "chmod 600 \(path), and issue a new set if others were there"))
        }
        return findings
    }
}
