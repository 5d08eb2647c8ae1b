// SPDX-License-Identifier: Apache-2.0

import Attestation
package import ByteCoding

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// Looks whether a collateral service is of use to this machine: it answers, with collateral that still holds, is the right cloud's, and
/// keeps the same time.
package struct CollateralServiceDoctor: Sendable {
    /// The largest QE identity that is read, in bytes.
    private static let documentLimit = 1 << 20
    /// Seconds by which clocks may differ unnoticed, and from which on verification suffers.
    private static let clockTolerance = (notice: 5.0, limit: 60.0)
    /// Makers of machines, and what hosts of their collateral services are called.
    private static let clouds: [(vendor: String, name: String, host: String)] = [
        ("Alibaba Cloud", "Alibaba Cloud", "aliyuncs.com"), ("Microsoft Corporation", "Azure", "azure.net"),
        ("Tencent Cloud", "Tencent Cloud", "tencent.cn"),
    ]

    private let service: CollateralServiceAddress
    private let transport: any CollateralTransport
    private let clock: @Sendable () -> Date
    private let vendorFile: String

    /// Prepares; nothing is asked yet.
    ///
    /// * `vendorFile`: the file with the name of the machine's maker, by which clouds are known.
    package init(
        _ service: CollateralServiceAddress, transport: any CollateralTransport, clock: @escaping @Sendable () -> Date = { Date() },
        vendorFile: String = "/sys/class/dmi/id/sys_vendor"
    ) {
        self.service = service
        self.transport = transport
        self.clock = clock
        self.vendorFile = vendorFile
    }

    /// Asks the service for its QE identity, which every service has.
    package func examine() async -> [DoctorCheck] {
        let url = "\(self.service.base)qe/identity"
        do {
            let response = try await self.transport.get(url, headers: [:], bodyLimit: Self.documentLimit)
            guard response.status == 200 else {
                let refused = DoctorCheck.bad(
                    "collateral.reachable", "\(url) answers with status \(response.status)",
                    "check the address; a PCCS answers 401 or 404 where it was not set up, 502 where it cannot reach Intel")
                return [self.cloud(), refused, self.time(of: response)]
            }
            let reached = DoctorCheck.good("collateral.reachable", "\(url) answers with \(response.body.count) bytes")
            // The clock first: whether collateral holds is judged by it.
            return [self.cloud(), reached, self.time(of: response), self.document(response.body)]
        } catch {
            return [self.cloud(), .bad("collateral.reachable", error, else: self.reachRemedy)]
        }
    }

    private var reachRemedy: String {
        "check the address, the network and --pccs-ca; services of clouds answer only within their region, so name the one of this machine's"
    }

    private func document(_ body: [UInt8]) -> DoctorCheck {
        do {
            let identity = try QEIdentitySummary(decoding: body)
            let end = identity.nextUpdate.formatted(.iso8601)
            return .require(
                "collateral.current", self.clock() < identity.nextUpdate, "the service's QE identity (\(identity.id)) holds until \(end)",
                "refresh the service's cache (PCCS: `GET /sgx/certification/v4/refresh` with the administrator's token), or check this machine's clock"
            )
        } catch {
            return .bad(
                "collateral.current", "\(self.service.base)qe/identity answers with status 200 and no QE identity: \(error.message)",
                "check the address: what answers there is no collateral service")
        }
    }

    private func cloud() -> DoctorCheck {
        let vendor = (try? InputFile.readAll(self.vendorFile, limit: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        guard let here = Self.clouds.first(where: { vendor.hasPrefix($0.vendor) }) else {
            return .good("collateral.cloud", "verification collateral is Intel's and the same everywhere; \(self.service.base) is taken")
        }
        guard let other = Self.clouds.first(where: { $0.host != here.host && self.service.base.contains($0.host) }) else {
            return .good("collateral.cloud", "\(self.service.base) fits \(here.name)")
        }
        return .warning(
            "collateral.cloud", "this machine is \(here.name)'s and the collateral service \(other.name)'s",
            "use the service of the cloud and region whose platforms are verified; they are often not reachable from elsewhere")
    }

    private func time(of response: CollateralResponse) -> DoctorCheck {
        let remedy = "start a time service: `timedatectl set-ntp true`, or chrony; certificates and collateral are judged by the clock"
        guard let text = response.headers["date"], let date = Self.httpDate(text) else {
            return .warning(
                "time", "the collateral service does not tell the time, so this machine's clock was compared with nothing", remedy)
        }
        let difference = abs(date.timeIntervalSince(self.clock()))
        let found = "this machine's clock and the collateral service's differ by \(Int(difference)) s"
        if difference > Self.clockTolerance.limit { return .bad("time", found, remedy) }
        return difference > Self.clockTolerance.notice ? .warning("time", found, remedy) : .good("time", found)
    }

    /// A date as HTTP writes it (RFC 9110 section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func httpDate(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let iso = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return try? Date(iso, strategy: .iso8601)
    }
}
