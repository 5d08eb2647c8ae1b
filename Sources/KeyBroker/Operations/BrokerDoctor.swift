// SPDX-License-Identifier: Apache-2.0

import Attestation
package import ByteCoding
public import RATLS
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Looks whether a machine is fit for a broker, before it serves: each check with its remedy.
public struct BrokerDoctor: Sendable {
    /// What is looked at; what is `nil` is left out.
    public struct Subject: Sendable {
        /// The policy file.
        public var policy: String?
        /// Certificate and private key.
        public var identity: ActiveIdentity.Files?
        /// Names by which enclaves reach the broker.
        public var names: [String] = []
        /// Address and ports to listen on.
        public var address = "0.0.0.0"
        /// The ports.
        public var ports: [Int] = []
        /// The collateral service.
        public var collateralService: CollateralServiceAddress?
        /// The store, and its master key where it is known.
        public var store: (path: String, masterKey: MasterKey.Source?)?

        /// Nothing yet.
        public init() {}
    }

    private let subject: Subject
    private let transport: any CollateralTransport
    private let clock: @Sendable () -> Date
    /// The file with the name of the machine's maker, by which clouds are known.
    private let vendorFile: String

    /// Prepares; nothing is looked at yet.
    ///
    /// * `transport`: asks the collateral service.
    /// * `clock`: what time it is.
    public init(
        _ subject: Subject, transport: any CollateralTransport, clock: @escaping @Sendable () -> Date = { Date() },
        vendorFile: String = "/sys/class/dmi/id/sys_vendor"
    ) {
        self.subject = subject
        self.transport = transport
        self.clock = clock
        self.vendorFile = vendorFile
    }

    /// Looks at everything.
    package func examine() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        checks += self.examinePolicy()
        checks += self.examineCertificate()
        checks += await self.examinePorts()
        checks += await self.examineCollateralService()
        checks += await self.examineStore()
        return checks
    }

    /// For an error that does not know its own.
    private static let remedy = "mend what the message names, and look again"

    // MARK: - Files

    private func examinePolicy() -> [DoctorCheck] {
        guard let file = self.subject.policy else { return [] }
        do {
            let policy = try Policy(contentsOfFile: file)
            let warnings = policy.findings(at: self.clock()).map {
                DoctorCheck.warning("policy", "\(file):\($0.line): \($0.message)", "edit the policy")
            }
            return warnings + [.good("policy", "\(file): \(policy.secrets.count) secrets, \(policy.rules.count) rules")]
                + policy.secrets.compactMap(Self.examineFile(of:))
        } catch {
            return [.bad("policy", error, else: Self.remedy)]
        }
    }

    /// A secret's file, as a broker reads it when it starts.
    private static func examineFile(of secret: SecretDescription) -> DoctorCheck? {
        guard case .file(let path) = secret.source else { return nil }
        do {
            try SecretStore.requireFile(of: secret)
            return .good("policy.secret", "`\(secret.name)` can be loaded from \(path)")
        } catch {
            return .bad("policy.secret", error, else: Self.remedy)
        }
    }

    /// Days before a certificate's end from which it is pointed out.
    private static let certificateNotice = 30.0

    private func examineCertificate() -> [DoctorCheck] {
        guard let files = self.subject.identity else { return [] }
        var checks: [DoctorCheck] = []
        do {
            _ = try ActiveIdentity(files: files)
            checks.append(.good("tls.key", "\(files.privateKey) is the key of \(files.certificate), and its owner's alone"))
        } catch {
            checks.append(.bad("tls.key", error, else: Self.remedy))
        }
        do {
            let pem = try InputFile.readAll(files.certificate, limit: PEMDocument.sizeLimit)
            guard let der = try PEMDocument.certificates(pem, name: files.certificate).first else { return checks }
            let certificate = try Certificate(derEncoded: der)
            checks.append(self.examineValidity(of: certificate, file: files.certificate))
            checks += self.examineNames(of: certificate, file: files.certificate)
        } catch {
            checks.append(.bad("tls.certificate", error, else: Self.remedy))
        }
        return checks
    }

    private func examineValidity(of certificate: Certificate, file: String) -> DoctorCheck {
        let days = certificate.notValidAfter.timeIntervalSince(self.clock()) / 86400
        let remedy = "issue a new one (sealwright tls issue); a broker that runs takes it over by itself"
        if self.clock() < certificate.notValidBefore {
            return .bad("tls.certificate-validity", "\(file) is not valid yet", "check this machine's clock, or issue the certificate again")
        }
        if days < 0 { return .bad("tls.certificate-validity", "\(file) has expired", remedy) }
        let message = "\(file) is valid for \(Int(days)) more days"
        return days < Self.certificateNotice
            ? .warning("tls.certificate-validity", message, remedy) : .good("tls.certificate-validity", message)
    }

    private func examineNames(of certificate: Certificate, file: String) -> [DoctorCheck] {
        let facts = CertificateFacts(certificate)
        guard !facts.names.isEmpty else {
            return [
                .bad(
                    "tls.certificate-names", "\(file) has no subject alternative names, which clients of today ask for",
                    "issue a certificate with the broker's host names: sealwright tls issue --server NAME")
            ]
        }
        return self.subject.names.map { name in
            facts.isFor(name)
                ? .good("tls.certificate-names", "\(file) is for \(name)")
                : .bad(
                    "tls.certificate-names", "\(file) is not for \(name) but for \(facts.names.joined(separator: ", "))",
                    "issue a certificate with the name that enclaves connect to (host part of SECRET_PROVISION_SERVERS)")
        }
    }

    // MARK: - Network

    private func examinePorts() async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        for port in self.subject.ports { checks.append(await Self.examinePort(port, address: self.subject.address)) }
        return checks
    }

    /// Looks whether nobody listens on a port and this user may.
    package static func examinePort(_ port: Int, address: String) async -> DoctorCheck {
        do {
            try await Listener(address: address, port: port, portOption: "port").check()
            return .good("port", "port \(port) of \(address) is free")
        } catch {
            return .bad("port", error, else: "choose another port")
        }
    }

    private func examineCollateralService() async -> [DoctorCheck] {
        guard let service = self.subject.collateralService else { return [] }
        return await CollateralServiceDoctor(service, transport: self.transport, clock: self.clock, vendorFile: self.vendorFile).examine()
    }

    // MARK: - Store

    private func examineStore() async -> [DoctorCheck] {
        guard let store = self.subject.store else { return [] }
        var checks: [DoctorCheck] = []
        do {
            let check = try await StoreMaintenance(path: store.path).check()
            checks.append(
                check.isIntact
                    ? .good("store.integrity", "\(store.path): whole, \(check.audit.records) audit records, chain and signatures hold")
                    : .bad(
                        "store.integrity", "\(store.path) is damaged: \(check.text)",
                        "restore it from a backup, and find out what changed it"))
        } catch {
            checks.append(.bad("store.integrity", error, else: Self.remedy))
        }
        guard let masterKey = store.masterKey else { return checks }
        do {
            let opened = try BrokerStore(path: store.path, masterKey: masterKey, for: .administration)
            checks.append(.good("store.master-key", "\(store.path) opens under the master key of \(masterKey)"))
            checks += await self.examineSecrets(in: opened)
        } catch {
            checks.append(.bad("store.master-key", error, else: Self.remedy))
        }
        return checks
    }

    private func examineSecrets(in store: BrokerStore) async -> [DoctorCheck] {
        guard let file = self.subject.policy, let policy = try? Policy(contentsOfFile: file) else { return [] }
        var checks: [DoctorCheck] = []
        for secret in policy.secrets where secret.source == .store {
            do {
                let versions = try await store.secrets.open(secret, at: self.clock())
                checks.append(
                    versions.isEmpty
                        ? .bad(
                            "store.secret", "the policy releases `\(secret.name)`, and the store has no version of it in use",
                            "put it there: sealwright broker secrets put \(secret.name) --file FILE")
                        : .good("store.secret", "`\(secret.name)`: \(versions.count) versions in use"))
            } catch {
                checks.append(.bad("store.secret", error, else: Self.remedy))
            }
        }
        return checks
    }
}
