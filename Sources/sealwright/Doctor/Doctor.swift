// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import KeyBroker
import NIOCore
import NIOPosix
import RATLS
import SavedModels
import TensorFlowRuntime
import X509

/// Looks at a machine for one role: what is there, what is missing, and what to do about it.
struct Doctor {
    let machine: Machine
    let options: DoctorOptions
    let environment: [String: String]

    func ownerChecks() -> [DoctorCheck] {
        var checks = [self.tensorFlow(), self.processor(), self.memory(for: self.options.model), self.pip(), self.clock()]
        checks += self.keys() + self.certificates()
        return checks
    }

    func brokerChecks() async -> [DoctorCheck] {
        var checks = [self.clock(), await self.port(self.options.port ?? 4433)]
        checks += self.policy() + self.certificates() + self.keys() + self.auditFolder()
        if let url = self.options.pccsURL { checks.append(await self.collateral(url)) }
        return checks
    }

    func servingChecks() async -> [DoctorCheck] {
        var checks = self.trustedExecution() + [self.kernel(), self.gramine()]
        checks += [
            self.tensorFlow(), self.processor(), self.memory(for: self.options.model), self.clock(), await self.port(self.options.port ?? 8500),
        ]
        if let url = self.options.pccsURL { checks.append(await self.collateral(url)) }
        return checks + self.keys() + self.certificates()
    }

    // MARK: - Software

    private func tensorFlow() -> DoctorCheck {
        do {
            let library = try TensorFlowLibrary.load(path: self.options.tensorFlowLibrary)
            return .good("tensorflow", "TensorFlow \(library.version), \(library.path)")
        } catch {
            let failure = error as? any DiagnosableError
            return .bad("tensorflow", failure?.message ?? "\(error)", failure?.remedy ?? "make tensorflow")
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

    private func trustedExecution() -> [DoctorCheck] {
        let flags = self.machine.processorFlags
        if flags.contains("tdx_guest") {
            let report = self.machine.exists("/sys/kernel/config/tsm/report")
            return [
                .good("tee", "a TDX guest"),
                .require(
                    "tdx-reports", report, report ? "configfs has tsm/report" : "no /sys/kernel/config/tsm/report",
                    "mount configfs; kernel 6.7 or later"),
            ]
        }
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
        checks.append(self.enclaveDevice())
        if self.machine.forbidsExecutionInDevices {
            checks.append(.bad("dev-noexec", "/dev is mounted noexec: enclaves cannot be loaded", "mount -o remount,exec /dev"))
        }
        let hasSocket = self.machine.exists("/var/run/aesmd/aesm.socket")
        checks.append(
            .require(
                "aesmd", hasSocket, hasSocket ? "/var/run/aesmd/aesm.socket" : "no socket of aesmd",
                "install and start sgx-aesm-service; in a container mount the folder /var/run/aesmd"))
        if let bytes = self.machine.enclaveMemory {
            checks.append(
                .require(
                    "epc", bytes >= 1 << 30, "\(bytes >> 20) MiB of enclave memory",
                    "enlarge PRMRR in the BIOS: a model's enclave needs 2 GiB and more"))
        }
        return checks
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
            let failure = error as? any DiagnosableError
            return .bad("memory", "\(model): \(failure?.message ?? "\(error)")", failure?.remedy ?? "check the model")
        }
    }

    // MARK: - Network and files

    /// Whether nobody listens on the port and this user may.
    private func port(_ port: Int) async -> DoctorCheck {
        do {
            let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1).bind(host: "0.0.0.0", port: port).get()
            try await channel.close()
            return .good("port", "\(port) is free")
        } catch {
            return .bad("port", "\(port) cannot be listened on: \(error)", "end what listens there, or choose another port (--port)")
        }
    }

    private func collateral(_ url: String) async -> DoctorCheck {
        let address = (url.hasSuffix("/") ? url : url + "/") + "rootcacrl"
        do {
            let authorities = try self.options.pccsCA.map { try PEMDocument.certificates(try InputFile.readAll($0), name: $0) } ?? []
            let response = try await HTTPCollateralTransport.with(certificateAuthorities: authorities, timeout: .seconds(10)) {
                try await $0.get(address, bodyLimit: 1 << 20)
            }
            return .require(
                "collateral", response.status == 200, "\(url) answers \(response.status)",
                "check the address (it ends in /sgx/certification/v4/) and the service's own log")
        } catch {
            let failure = error as? any DiagnosableError
            return .bad("collateral", failure?.message ?? "\(error)", failure?.remedy ?? "check the address and the network")
        }
    }

    private func policy() -> [DoctorCheck] {
        guard let path = self.options.policy else { return [] }
        do {
            let report = PolicyReport(try Policy(contentsOfFile: path), at: Date())
            guard let first = report.findings.first else {
                return [.good("policy", "\(path): \(report.secrets.count) secrets, \(report.rules) rules")]
            }
            return [.warning("policy", "\(path):\(first.line): \(first.message)", "see sealwright broker policy check \(path)")]
        } catch {
            let failure = error as? any DiagnosableError
            return [.bad("policy", failure?.message ?? "\(error)", failure?.remedy ?? "see sealwright broker policy check \(path)")]
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
            let failure = error as? any DiagnosableError
            return [.bad("certificates", failure?.message ?? "\(error)", failure?.remedy ?? "make a set: sealwright tls issue")]
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
