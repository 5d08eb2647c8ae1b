// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import KeyBroker
import RATLS
import SavedModels
import TensorFlowRuntime
import X509

/// Looks at a machine for one role: what is there, what is missing, and what to do about it.
struct Doctor {
    let machine: Machine
    let options: DoctorOptions
    let endpoints: DoctorEndpointOptions
    let broker: DoctorBrokerOptions
    let environment: [String: String]

    func ownerChecks() -> [DoctorCheck] {
        var checks = [self.tensorFlow(), self.processor(), self.memory(for: self.options.model), self.pip(), self.clock()]
        checks += self.keys() + self.certificates()
        return checks
    }

    func brokerChecks() async throws -> [DoctorCheck] {
        var checks = [self.clock()]
        checks += try await self.brokerFindings()
        return checks + self.certificates() + self.keys() + self.auditFolder()
    }

    func servingChecks() async -> [DoctorCheck] {
        var checks = await self.trustedExecution() + [self.kernel(), self.gramine()]
        checks += [self.tensorFlow(), self.processor(), self.memory(for: self.options.model), self.clock()]
        for port in self.endpoints.ports(default: [8500, 8501]) {
            checks.append(await BrokerDoctor.examinePort(port, address: self.endpoints.address))
        }
        return checks + (await self.collateralService()) + self.keys() + self.certificates()
    }

    // MARK: - Software

    private func tensorFlow() -> DoctorCheck {
        do {
            let library = try TensorFlowLibrary.load(path: self.options.tensorFlowLibrary)
            return .good("tensorflow", "TensorFlow \(library.version), \(library.path)")
        } catch {
            return .bad("tensorflow", error, else: "make tensorflow")
        }
    }

    private func pip() -> DoctorCheck {
        let path = self.environment["PATH"] ?? ""
        return self.machine.program("python3", path: path).map { .good("python", $0) }
            ?? .warning("python", "there is no python3", "only models in wheels need it: apt-get install python3-pip")
    }

    private func gramine() -> DoctorCheck {
        let path = self.environment["PATH"] ?? ""
        guard let program = self.machine.program("gramine-sgx", path: path) else {
            let isTDX = self.machine.processorFlags.contains("tdx_guest")
            return isTDX
                ? .good("gramine", "not there, and not needed in a TDX guest")
                : .bad("gramine", "there is no gramine-sgx on the path", "install Gramine 1.7 or later, 1.9 if you can")
        }
        return .good("gramine", program)
    }

    private func processor() -> DoctorCheck {
        let flags = self.machine.processorFlags
        guard flags.contains("avx2") else {
            return .warning("cpu-features", "no AVX2", "TensorFlow works, slowly; choose a processor with AVX2, better AVX-512")
        }
        return .good("cpu-features", flags.contains("avx512f") ? "AVX2 and AVX-512" : "AVX2")
    }

    private func clock() -> DoctorCheck {
        // A clock that was never set stands before this program was written.
        let isSet = Date().timeIntervalSince1970 > 1_790_000_000
        return .require(
            "clock", isSet, Date().formatted(.iso8601), "set it (chrony, systemd-timesyncd): certificates and collateral are judged by it")
    }

    // MARK: - Hardware

    private func trustedExecution() async -> [DoctorCheck] {
        let flags = self.machine.processorFlags
        if flags.contains("tdx_guest") { return [.good("tee", "a TDX guest")] + (await self.trustDomain()) }
        var checks = [
            DoctorCheck.require(
                "tee", flags.contains("sgx"), flags.contains("sgx") ? "SGX" : "neither SGX nor a TDX guest",
                "switch SGX on in the BIOS, or choose a machine type with it; for development: sealwright simulate init")
        ]
        guard flags.contains("sgx") else { return checks }
        checks.append(
            .require(
                "launch-control", flags.contains("sgx_lc"), flags.contains("sgx_lc") ? "flexible launch control" : "no flexible launch control",
                "DCAP needs it: another processor or BIOS setting"))
        checks.append(
            .require(
                "fsgsbase", flags.contains("fsgsbase"), flags.contains("fsgsbase") ? "FSGSBASE" : "no FSGSBASE",
                "Gramine needs it: kernel 5.9 or later without `nofsgsbase` on its command line"))
        checks.append(self.enclaveDevice())
        if self.machine.forbidsExecutionInDevices {
            checks.append(.bad("dev-noexec", "/dev is mounted noexec: enclaves cannot be loaded", "mount -o remount,exec /dev"))
        }
        let hasSocket = self.machine.exists("/var/run/aesmd/aesm.socket")
        checks.append(
            .require(
                "aesmd", hasSocket, hasSocket ? "/var/run/aesmd/aesm.socket" : "no socket of aesmd",
                "install and start sgx-aesm-service; in a container mount the folder /var/run/aesmd"))
        checks += self.quoteProvider()
        if let bytes = self.machine.enclaveMemory {
            checks.append(
                .require(
                    "epc", bytes >= 1 << 30, "\(bytes >> 20) MiB of enclave memory",
                    "enlarge PRMRR in the BIOS: a model's enclave needs 2 GiB and more"))
        }
        return checks
    }

    /// Whom the library that makes quotes asks for the platform's certificate.
    private func quoteProvider() -> [DoctorCheck] {
        let path = QuoteProviderConfiguration.path
        guard let text = self.machine.text(path) else {
            return [
                .warning("quote-provider", "no \(path)", "write it, with the pccs_url of this machine's cloud and region; without, quotes may fail")
            ]
        }
        let configuration = QuoteProviderConfiguration(text)
        guard let url = configuration.collateralURL else {
            return [.bad("quote-provider", "\(path) has no pccs_url", "add that of this machine's cloud and region")]
        }
        if let other = self.endpoints.pccsURL, !url.hasPrefix(other), !other.hasPrefix(url) {
            return [
                .warning(
                    "quote-provider", "\(path) names \(url), not \(other)",
                    "let quotes be made and verified with one service, if both are of one cloud")
            ]
        }
        return [
            configuration.checksCertificate
                ? .good("quote-provider", url)
                : .warning(
                    "quote-provider", "\(path) switches use_secure_cert off", "trust the service's own CA instead, and remove the line")
        ]
    }

    /// How a TDX guest comes by a quote: one is made, as a server would.
    private func trustDomain() async -> [DoctorCheck] {
        let path = TSMQuoteSource.defaultDirectory
        guard self.machine.exists(path) else {
            let other = self.machine.exists("/dev/tdx_guest") ? "; /dev/tdx_guest alone is the older interface" : ""
            return [
                .bad(
                    "tdx-reports", "no \(path)\(other)",
                    "kernel 6.7 or later, `mount -t configfs none /sys/kernel/config`, and the module tdx_guest (on some machines with tsm_api=1)")
            ]
        }
        do {
            let quote = try await TSMQuoteSource(directory: self.machine.root + path).quote(for: .zero)
            return [.good("tdx-reports", path), .good("tdx-quote", "\(quote.count) bytes")]
        } catch {
            return [
                .good("tdx-reports", path),
                .bad(
                    "tdx-quote", error, else: "look on the host whether its quote generation service (qgsd) runs, and in the guest for the provider"),
            ]
        }
    }

    private func enclaveDevice() -> DoctorCheck {
        for path in ["/dev/sgx_enclave", "/dev/sgx/enclave"] where self.machine.exists(path) {
            let isUsable = FileManager.default.isWritableFile(atPath: self.machine.root + path)
            return .require("sgx-device", isUsable, isUsable ? path : "\(path) may not be opened by this user", "add the user to the device's group")
        }
        return self.machine.exists("/dev/isgx")
            ? .bad("sgx-device", "only the legacy driver's /dev/isgx", "use a kernel of 5.11 or later with its own driver")
            : .bad("sgx-device", "no /dev/sgx_enclave", "load the driver, or pass the device into the container (--device /dev/sgx_enclave)")
    }

    private func kernel() -> DoctorCheck {
        guard let kernel = self.machine.kernel else { return .warning("kernel", "its version is not told", "check that it is 5.11 or later") }
        return .require("kernel", (kernel.major, kernel.minor) >= (5, 11), kernel.text, "SGX needs 5.11 or later (6.0 for EDMM)")
    }

    private func memory(for model: String?) -> DoctorCheck {
        guard let available = self.machine.availableMemory else { return .warning("memory", "its size is not told", "check it by hand") }
        guard let model else {
            return .require(
                "memory", available >= 1 << 30, "\(available >> 20) MiB available", "a server needs 1 GiB and more; name the model with --model")
        }
        do {
            let needed = try ModelFolder.inspect(model).map(\.memory.highestBytes).max() ?? 0
            return .require(
                "memory", available >= needed, "\(available >> 20) MiB available, \(model) needs up to \(needed >> 20) MiB",
                "convert it with its weights as variables (sealwright model convert), or get more memory")
        } catch {
            return .bad("memory", error, else: "check the model \(model)")
        }
    }

    // MARK: - Network and files

    /// The broker's own checks, as `broker doctor` makes them.
    private func brokerFindings() async throws -> [DoctorCheck] {
        var subject = try self.broker.subject(self.endpoints)
        return await self.withCollateralService { service, transport in
            subject.collateralService = service
            return await BrokerDoctor(subject, transport: transport, vendorFile: self.machine.root + Machine.vendorFile).examine()
        }
    }

    private func collateralService() async -> [DoctorCheck] {
        await self.withCollateralService { service, transport in
            guard let service else { return [] }
            return await CollateralServiceDoctor(service, transport: transport, vendorFile: self.machine.root + Machine.vendorFile).examine()
        }
    }

    /// Looks at something with what asks the collateral service; an address or authority that is wrong is a finding of its own.
    private func withCollateralService(
        _ body: (CollateralServiceAddress?, HTTPCollateralTransport) async -> [DoctorCheck]
    ) async -> [DoctorCheck] {
        var fault: [DoctorCheck] = []
        var service: CollateralServiceAddress?
        do { service = try self.endpoints.service() } catch { fault = [.bad("collateral.address", error, else: "check --pccs-url")] }
        do {
            return fault + (try await self.endpoints.withTransport { [service] in await body(service, $0) })
        } catch {
            return fault + [.bad("collateral.reachable", error, else: "check --pccs-ca")]
        }
    }

    private func certificates() -> [DoctorCheck] {
        guard let folder = self.options.tls else { return [] }
        do {
            let set = try CertificateSet(folder: folder)
            let findings = set.findings(at: Date())
            let end = set.members.map(\.certificate.notValidAfter).min() ?? Date()
            if findings.isEmpty { return [.good("certificates", "\(folder): fit for use until \(end.formatted(.iso8601))")] }
            return findings.map { finding in
                finding.identifier == "ends-soon"
                    ? .warning("certificates", finding.message, finding.remedy) : .bad("certificates", finding.message, finding.remedy)
            }
        } catch {
            return [.bad("certificates", error, else: "make a set: sealwright tls issue")]
        }
    }

    private func keys() -> [DoctorCheck] {
        self.options.keys.map { path in
            guard let mode = (try? FileManager.default.attributesOfItem(atPath: path))?[.posixPermissions] as? Int else {
                return .bad("key", "\(path) is not there", "check the path, or make one: sealwright key generate")
            }
            return .require(
                "key", mode & 0o077 == 0, "\(path), mode \(String(mode, radix: 8))", "chmod 600 \(path), and make a new one if others were there")
        }
    }

    private func auditFolder() -> [DoctorCheck] {
        guard let log = self.options.log else { return [] }
        let folder = parentFolder(of: log)
        let isWritable = FileManager.default.isWritableFile(atPath: folder)
        return [
            .require(
                "audit-log", isWritable, isWritable ? "\(folder) can be written" : "\(folder) cannot be written",
                "make it, and give it to the broker's user")
        ]
    }
}
