// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import RATLS
import SimulatedTEE
import TestSupport
import Testing

@Suite("Looking at a collateral service")
struct CollateralServiceDoctorTests {
    /// Samples.time, as HTTP tells it.
    private static let date = "Fri, 15 Jan 2027 08:00:00 GMT"

    private func checks(
        clock: Date = Samples.time, vendor: String = "QEMU", address: CollateralServiceAddress = Samples.address,
        _ change: @escaping @Sendable (CollateralResponse) -> CollateralResponse = { Self.answer($0.body) }
    ) async throws -> [String: DoctorCheck] {
        let scratch = try ScratchFolder()
        let vendorFile = try scratch.write(Array(vendor.utf8), to: "sys_vendor")
        let transport = SimulatedTransport(SimulatedCollateralService(platform: Samples.platform)) { change($1) }
        let checks = await CollateralServiceDoctor(address, transport: transport, clock: { clock }, vendorFile: vendorFile).examine()
        #expect(checks.allSatisfy { $0.status == .good || $0.remedy?.isEmpty == false })
        return Dictionary(uniqueKeysWithValues: checks.map { ($0.name, $0) })
    }

    private static func answer(_ body: [UInt8], status: Int = 200, date: String? = Self.date) -> CollateralResponse {
        CollateralResponse(status: status, headers: date.map { [("Date", $0)] } ?? [], body: body)
    }

    @Test("one that works is good in every way")
    func good() async throws {
        let checks = try await self.checks()
        #expect(checks.count == 4)
        #expect(checks.values.allSatisfy { $0.status == .good }, "\(checks)")
    }

    @Test(
        "a clock that is off is found by the service's",
        arguments: [(4.0, DoctorCheck.Status.good), (-30, .warning), (86_400, .bad), (-86_400, .bad)])
    func clock(seconds: Double, status: DoctorCheck.Status) async throws {
        #expect(try await self.checks(clock: Samples.time + seconds)["time"]?.status == status)
    }

    @Test("a service that does not tell the time leaves the clock unjudged", arguments: [nil, "yesterday", "Fri, 15 Foo 2027 08:00:00 GMT"])
    func noTime(date: String?) async throws {
        #expect(try await self.checks { Self.answer($0.body, date: date) }["time"]?.status == .warning)
    }

    @Test("a service that was not set up, or is something else, is bad")
    func otherAnswers() async throws {
        #expect(try await self.checks { _ in Self.answer(Array("No cache data".utf8), status: 404) }["collateral.reachable"]?.status == .bad)
        let page = try await self.checks { _ in Self.answer(Array("<html>".utf8)) }
        #expect(page["collateral.reachable"]?.status == .good)
        #expect(page["collateral.current"]?.status == .bad)
    }

    @Test("collateral that ended is bad")
    func ended() async throws {
        #expect(try await self.checks(clock: Samples.time + 400 * 86_400)["collateral.current"]?.status == .bad)
    }

    @Test(
        "another cloud's service is pointed out",
        arguments: [
            ("Alibaba Cloud", "https://sgx-dcap-server.cn-hangzhou.aliyuncs.com", DoctorCheck.Status.good),
            ("Alibaba Cloud", "https://sgx-dcap-server-tc.sh.tencent.cn", .warning),
            ("Tencent Cloud", "https://sgx-dcap-server.cn-beijing.aliyuncs.com", .warning), ("QEMU", "https://pccs.example", .good),
        ])
    func cloud(vendor: String, host: String, status: DoctorCheck.Status) async throws {
        let address = try CollateralServiceAddress("\(host)/sgx/certification/v4/")
        #expect(try await self.checks(vendor: vendor, address: address)["collateral.cloud"]?.status == status)
    }

    @Test("a service that cannot be reached is bad, and its region is asked about")
    func unreachable() async throws {
        struct Silence: CollateralTransport {
            struct NoRoute: Error {}
            func get(_: String, headers _: [String: String], bodyLimit _: Int) async throws -> CollateralResponse { throw NoRoute() }
        }
        let checks = await CollateralServiceDoctor(Samples.address, transport: Silence()).examine()
        let check = checks.first { $0.name == "collateral.reachable" }
        #expect(check?.status == .bad)
        #expect(check?.remedy?.contains("region") == true)
    }
}
