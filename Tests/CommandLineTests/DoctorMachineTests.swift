// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import TestSupport
import Testing

@testable import sealwright

/// The serving role on machines made of a few files.
@Suite("sealwright doctor on other machines")
struct DoctorMachineTests {
    private static let sgx = "flags\t\t: fpu avx2 sgx sgx_lc fsgsbase\n"

    private func checks(_ files: [String: String], _ options: String...) async throws -> [String: DoctorCheck] {
        let scratch = try ScratchFolder()
        for (path, text) in files { try scratch.write(Array(text.utf8), to: path) }
        let doctor = Doctor(
            machine: Machine(root: scratch.path), options: try DoctorOptions.parse([]),
            endpoints: try DoctorEndpointOptions.parse(["--port", "0"] + options),
            broker: try DoctorBrokerOptions.parse([]), environment: [:])
        let checks = await doctor.servingChecks()
        #expect(checks.allSatisfy { $0.status == .good || $0.remedy?.isEmpty == false })
        return Dictionary(checks.map { ($0.name, $0) }) { first, _ in first }
    }

    @Test("a machine without SGX or TDX is told so")
    func plain() async throws {
        #expect(try await self.checks(["proc/cpuinfo": "flags : fpu avx2\n"])["tee"]?.status == .bad)
    }

    @Test("an SGX machine lacks what it lacks: device, aesmd, FSGSBASE, collateral service")
    func sgx() async throws {
        let bare = try await self.checks(["proc/cpuinfo": "flags : fpu avx2 sgx\n", "proc/sys/kernel/osrelease": "5.4.0\n"])
        for name in ["launch-control", "fsgsbase", "sgx-device", "aesmd", "kernel"] { #expect(bare[name]?.status == .bad, "\(name)") }
        #expect(bare["quote-provider"]?.status == .warning)

        let whole = try await self.checks([
            "proc/cpuinfo": Self.sgx, "proc/sys/kernel/osrelease": "6.1.0-18-amd64\n", "dev/sgx_enclave": "", "var/run/aesmd/aesm.socket": "",
            "etc/sgx_default_qcnl.conf": "{ // today's form\n\"pccs_url\": \"https://pccs.example/sgx/certification/v4/\"\n}",
        ])
        for name in ["tee", "launch-control", "fsgsbase", "sgx-device", "aesmd", "kernel", "quote-provider"] {
            #expect(whole[name]?.status == .good, "\(name)")
        }
    }

    @Test(
        "the quote provider's configuration is read in both forms",
        arguments: [
            ("PCCS_URL=https://pccs.example/sgx/certification/v3/\nUSE_SECURE_CERT=TRUE\n", DoctorCheck.Status.good),
            ("PCCS_URL=https://pccs.example/sgx/certification/v3/\nUSE_SECURE_CERT=FALSE\n", .warning),
            ("# PCCS_URL=https://pccs.example/\n", .bad),
        ])
    func quoteProvider(text: String, status: DoctorCheck.Status) async throws {
        #expect(try await self.checks(["proc/cpuinfo": Self.sgx, "etc/sgx_default_qcnl.conf": text])["quote-provider"]?.status == status)
    }

    @Test("quotes made with one service and verified with another are pointed out, and a wrong address is bad")
    func services() async throws {
        let files = ["proc/cpuinfo": Self.sgx, "etc/sgx_default_qcnl.conf": "pccs_url=https://127.0.0.1:1/sgx/certification/v4/"]
        let other = try await self.checks(files, "--pccs-url", "http://127.0.0.2:1/sgx/certification/v4/")
        #expect(other["quote-provider"]?.status == .warning)
        #expect(other["collateral.reachable"]?.status == .bad)
        #expect(try await self.checks(files, "--pccs-url", "127.0.0.1")["collateral.address"]?.status == .bad)
    }

    @Test("a TDX guest without configfs, and with one that makes no quotes")
    func trustDomain() async throws {
        let guest = "flags : fpu avx2 tdx_guest\n"
        let bare = try await self.checks(["proc/cpuinfo": guest])
        #expect(bare["tee"]?.status == .good)
        #expect(bare["tdx-reports"]?.status == .bad)
        #expect(bare["gramine"]?.status == .good)
        let mute = try await self.checks(["proc/cpuinfo": guest, "sys/kernel/config/tsm/report/none": ""])
        #expect(mute["tdx-reports"]?.status == .good)
        #expect(mute["tdx-quote"]?.status == .bad)
    }
}
