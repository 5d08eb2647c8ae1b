// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
public import RATLS
import SwiftASN1
import X509

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// Looks whether a machine is fit for a broker, before it serves: each finding with its remedy.
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
    public func examine() async -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        findings += self.examinePolicy()
        findings += self.examineCertificate()
        findings += await self.examinePorts()
        findings += await self.examineCollateralService()
        findings += await self.examineStore()
        return findings
    }

    // MARK: - Files

    private func examinePolicy() -> [DoctorFinding] {
        guard let file = self.subject.policy else { return [] }
        do {
            let report = PolicyReport(try Policy(contentsOfFile: file), at: self.clock())
            let warnings = report.findings.map { DoctorFinding("policy", .warning, "\(file):\($0.line): \($0.message)", remedy: "edit the policy") }
            return warnings + [DoctorFinding("policy", .good, "\(file): \(report.secrets.count) secrets, \(report.rules) rules")]
        } catch {
            return [DoctorFinding("policy", error)]
        }
    }

    /// Days before a certificate's end from which it is pointed out.
    private static let certificateNotice = 30.0

    private func examineCertificate() -> [DoctorFinding] {
        guard let files = self.subject.identity else { return [] }
        var findings: [DoctorFinding] = []
        do {
            _ = try ActiveIdentity(files: files)
            try files.requirePrivateKeyPermissions()
            findings.append(DoctorFinding("tls.key", .good, "\(files.privateKey) is the key of \(files.certificate), and its owner's alone"))
        } catch {
            findings.append(DoctorFinding("tls.key", error))
        }
        do {
            let pem = try InputFile.readAll(files.certificate, limit: PEMDocument.sizeLimit)
            guard let der = try PEMDocument.certificates(pem, name: files.certificate).first else { return findings }
            let certificate = try Certificate(derEncoded: der)
            findings.append(self.examineValidity(of: certificate, file: files.certificate))
            findings += try self.examineNames(of: certificate, file: files.certificate)
        } catch {
            findings.append(DoctorFinding("tls.certificate", error))
        }
        return findings
    }

    private func examineValidity(of certificate: Certificate, file: String) -> DoctorFinding {
        let days = certificate.notValidAfter.timeIntervalSince(self.clock()) / 86400
        let remedy = "issue a new one (sealwright tls issue); a broker that runs takes it over by itself"
        if self.clock() < certificate.notValidBefore {
            return DoctorFinding(
                "tls.certificate-validity", .bad, "\(file) is not valid yet", remedy: "check this machine's clock, or issue the certificate again")
        }
        if days < 0 { return DoctorFinding("tls.certificate-validity", .bad, "\(file) has expired", remedy: remedy) }
        let message = "\(file) is valid for \(Int(days)) more days"
        return DoctorFinding(
            "tls.certificate-validity", days < Self.certificateNotice ? .warning : .good, message,
            remedy: days < Self.certificateNotice ? remedy : nil)
    }

    private func examineNames(of certificate: Certificate, file: String) throws -> [DoctorFinding] {
        let names = try certificate.extensions.subjectAlternativeNames.map { names in
            names.map { "\($0)" }
        }
        guard let names, !names.isEmpty else {
            return [
                DoctorFinding(
                    "tls.certificate-names", .bad, "\(file) has no subject alternative names, which clients of today ask for",
                    remedy: "issue a certificate with the broker's host names: sealwright tls issue --server NAME")
            ]
        }
        return self.subject.names.map { name in
            let isNamed = names.contains { $0.lowercased().contains("\"\(name.lowercased())\"") || $0.lowercased().hasSuffix(name.lowercased()) }
            return isNamed
                ? DoctorFinding("tls.certificate-names", .good, "\(file) is for \(name)")
                : DoctorFinding(
                    "tls.certificate-names", .bad, "\(file) is not for \(name) but for \(names.joined(separator: ", "))",
                    remedy: "issue a certificate with the name that enclaves connect to (host part of SECRET_PROVISION_SERVERS)")
        }
    }

    // MARK: - Network

    private func examinePorts() async -> [DoctorFinding] {
        var findings: [DoctorFinding] = []
        for port in self.subject.ports {
            do {
                try await Listener(address: self.subject.address, port: port, portOption: "port").check()
                findings.append(DoctorFinding("port", .good, "port \(port) of \(self.subject.address) is free"))
            } catch {
                findings.append(DoctorFinding("port", error))
            }
        }
        return findings
    }

    /// The largest QE identity that is read, in bytes.
    private static let documentLimit = 1 << 20

    private func examineCollateralService() async -> [DoctorFinding] {
        guard let service = self.subject.collateralService else { return [] }
        var findings = [self.examineCloud(service)]
        let url = "\(service.base)qe/identity"
        do {
            let response = try await self.transport.get(url, headers: [:], bodyLimit: Self.documentLimit)
            guard response.status == 200, response.body.first == UInt8(ascii: "{") else {
                findings.append(
                    DoctorFinding(
                        "collateral.reachable", .bad, "\(url) answers with status \(response.status)",
                        remedy: "check the address; a PCCS answers 401 or 404 where it was not set up, 502 where it cannot reach Intel"))
                return findings
            }
            findings.append(DoctorFinding("collateral.reachable", .good, "\(url) answers with \(response.body.count) bytes"))
            findings.append(self.examineClock(against: response))
        } catch {
            findings.append(DoctorFinding("collateral.reachable", error))
        }
        return findings
    }

    /// Makers of machines, and what hosts of their collateral services are called.
    private static let clouds: [(vendor: String, name: String, host: String)] = [
        ("Alibaba Cloud", "Alibaba Cloud", "aliyuncs.com"), ("Microsoft Corporation", "Azure", "azure.net"),
        ("Tencent Cloud", "Tencent Cloud", "tencent.cn"),
    ]

    private func examineCloud(_ service: CollateralServiceAddress) -> DoctorFinding {
        let vendor = (try? InputFile.readAll(self.vendorFile, limit: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let here = Self.clouds.first(where: { vendor.hasPrefix($0.vendor) }) else {
            return DoctorFinding("collateral.cloud", .good, "verification collateral is Intel's and the same everywhere; \(service.base) is taken")
        }
        let other = Self.clouds.first { $0.host != here.host && service.base.contains($0.host) }
        guard let other else { return DoctorFinding("collateral.cloud", .good, "\(service.base) fits \(here.name)") }
        return DoctorFinding(
            "collateral.cloud", .warning, "this machine is \(here.name)'s and the collateral service \(other.name)'s",
            remedy: "use the service of the cloud whose platforms are verified; they are often not reachable from elsewhere")
    }

    /// Seconds by which clocks may differ unnoticed, and from which on verification suffers.
    private static let clockTolerance = (notice: 5.0, limit: 60.0)

    private func examineClock(against response: CollateralResponse) -> DoctorFinding {
        let remedy = "start a time service: `timedatectl set-ntp true`, or chrony"
        guard let text = response.headers["date"], let date = Self.httpDate(text) else {
            return DoctorFinding(
                "time", .warning, "the collateral service does not tell the time, so this machine's clock was compared with nothing", remedy: remedy)
        }
        let difference = abs(date.timeIntervalSince(self.clock()))
        let message = "this machine's clock and the collateral service's differ by \(Int(difference)) s"
        if difference > Self.clockTolerance.limit { return DoctorFinding("time", .bad, message, remedy: remedy) }
        if difference > Self.clockTolerance.notice { return DoctorFinding("time", .warning, message, remedy: remedy) }
        return DoctorFinding("time", .good, message)
    }

    /// A date as HTTP writes it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func httpDate(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let iso = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return try? Date(iso, strategy: .iso8601)
    }

    // MARK: - Store

    private func examineStore() async -> [DoctorFinding] {
        guard let store = self.subject.store else { return [] }
        var findings: [DoctorFinding] = []
        do {
            let check = try await StoreMaintenance(path: store.path).check()
            findings.append(
                check.isIntact
                    ? DoctorFinding("store.integrity", .good, "\(store.path): whole, \(check.audit.records) audit records, chain and signatures hold")
                    : DoctorFinding(
                        "store.integrity", .bad, "\(store.path) is damaged: \(check.text)",
                        remedy: "restore it from a backup, and find out what changed it"))
        } catch {
            findings.append(DoctorFinding("store.integrity", error))
        }
        guard let masterKey = store.masterKey else { return findings }
        do {
            let opened = try BrokerStore(path: store.path, masterKey: masterKey, for: .administration)
            findings.append(DoctorFinding("store.master-key", .good, "\(store.path) opens under the master key of \(masterKey)"))
            findings += await self.examineSecrets(in: opened)
        } catch {
            findings.append(DoctorFinding("store.master-key", error))
        }
        return findings
    }

    private func examineSecrets(in store: BrokerStore) async -> [DoctorFinding] {
        guard let file = self.subject.policy, let policy = try? Policy(contentsOfFile: file) else { return [] }
        var findings: [DoctorFinding] = []
        for secret in policy.secrets where secret.source == .store {
            do {
                let versions = try await store.secrets.open(secret, at: self.clock())
                findings.append(
                    versions.isEmpty
                        ? DoctorFinding(
                            "store.secret", .bad, "the policy releases `\(secret.name)`, and the store has no version of it in use",
                            remedy: "put it there: sealwright broker secrets put \(secret.name) --file FILE")
                        : DoctorFinding("store.secret", .good, "`\(secret.name)`: \(versions.count) versions in use"))
            } catch {
                findings.append(DoctorFinding("store.secret", error))
            }
        }
        return findings
    }
}
