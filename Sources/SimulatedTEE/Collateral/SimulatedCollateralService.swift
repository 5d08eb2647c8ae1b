// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import SwiftASN1

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What a provisioning certificate caching service (PCCS) would answer for a simulated platform, without the network around it.
///
/// Paths, parameters, headers and encodings are those of Intel's PCCS, APIs v3 and v4, for SGX and TDX. INSECURE: what it serves vouches for a
/// platform made of software.
public struct SimulatedCollateralService: Sendable {
    private let platform: SimulatedPlatform
    private let faults: Set<SimulatedFault>
    private let early: Set<SimulatedFault>?

    /// Serves the collateral of `platform`, with `faults` if tests want it wrong.
    ///
    /// `early`: faults of an early edition of TCB info and QE identity, of the next TCB evaluation; without it none is out.
    public init(platform: SimulatedPlatform, faults: Set<SimulatedFault> = [], early: Set<SimulatedFault>? = nil) {
        self.platform = platform
        self.faults = faults
        self.early = early
    }

    /// A request as far as it matters here.
    public struct Request: Hashable, Sendable {
        /// `GET`.
        public var method: String
        /// Path without query.
        public var path: String
        /// Query as it stands in the URL, percent-encoded, without `?`.
        public var query: String

        /// Describes a request.
        public init(method: String = "GET", path: String, query: String = "") {
            self.method = method
            self.path = path
            self.query = query
        }
    }

    /// The answer to a request.
    public struct Response: Hashable, Sendable {
        /// HTTP status code.
        public var status: Int
        /// Header fields with their values.
        public var headers: [String: String]
        /// The body.
        public var body: [UInt8]
    }

    /// Answers a request with documents that are fresh at `time`.
    ///
    /// - Throws: only when signing fails; a wrong request has an answer of its own.
    public func respond(to request: Request, at time: Date) throws -> Response {
        guard request.method == "GET" else { return Self.refuse(405, "only GET is offered") }
        guard let route = Route(path: request.path) else {
            return Self.refuse(
                404,
                "no such path; this simulated service offers /sgx/certification/v3|v4/ with pckcrl, tcb, qe/identity, rootcacrl, crl, "
                    + "and /tdx/certification/v4/ with tcb, qe/identity")
        }
        guard let parameters = Self.parameters(request.query) else { return Self.refuse(400, "malformed or repeated query parameters") }
        switch route.resource {
        case "pckcrl" where route.tee == .sgx: return try self.pckCRL(parameters, at: time)
        case "tcb": return try self.tcbInfo(parameters, route, at: time)
        case "qe/identity": return try self.qeIdentity(parameters, route, at: time)
        case "tcbevaluationdatanumbers" where route.version == .v4:
            let evaluations = (self.early == nil ? [] : [SimulatedTCBEvaluation.early]) + [.standard]
            return Self.json(
                try self.platform.tcbEvaluationDataNumbers(evaluations, tee: route.tee, at: time),
                chain: try self.platform.tcbInfoIssuerChain(faults: self.faults), in: "TCB-Evaluation-Data-Numbers-Issuer-Chain")
        case "rootcacrl" where route.tee == .sgx:
            return Self.success(Array(try self.platform.rootCRL(at: time, faults: self.faults).hexString.utf8), type: "application/x-pem-file")
        case "crl" where route.tee == .sgx: return try self.crl(parameters, at: time)
        case "pckcert" where route.tee == .sgx: return Self.refuse(404, "PCK certificates are not offered: simulated quotes carry their chain")
        default: return Self.refuse(404, "no such resource: \(route.resource)")
        }
    }

    /// DER, PEM or, as PCCS gives it when nothing is asked for, hexadecimal digits of DER.
    private func pckCRL(_ parameters: [String: String], at time: Date) throws -> Response {
        switch parameters["ca"]?.lowercased() {
        case "platform": break
        case "processor": return Self.refuse(404, "the simulated platform's PCK certificate is of the platform CA; there is no processor CA")
        default: return Self.refuse(400, "parameter ca: `platform` or `processor` wanted")
        }
        let list = try self.platform.pckCRL(at: time, faults: self.faults)
        let header = ["SGX-PCK-CRL-Issuer-Chain": PercentEncoding.encode(self.platform.pckAuthorityChain)]
        switch parameters["encoding"]?.lowercased() {
        case "der": return Self.success(list, type: "application/pkix-crl", headers: header)
        case "pem":
            let text = PEMDocument(type: "X509 CRL", derBytes: list).pemString + "\n"
            return Self.success(Array(text.utf8), type: "application/x-pem-file", headers: header)
        case nil: return Self.success(Array(list.hexString.utf8), type: "application/x-pem-file", headers: header)
        default: return Self.refuse(400, "parameter encoding: `der` or `pem` wanted")
        }
    }

    private func tcbInfo(_ parameters: [String: String], _ route: Route, at time: Date) throws -> Response {
        guard let fmspc = parameters["fmspc"].flatMap({ FMSPC(hex: $0) }) else {
            return Self.refuse(400, "parameter fmspc: 12 hexadecimal digits wanted")
        }
        guard fmspc == self.platform.fmspc else {
            return Self.refuse(404, "no TCB info for FMSPC \(fmspc); the simulated platform's is \(self.platform.fmspc)")
        }
        guard let edition = self.edition(parameters) else { return Self.noEdition }
        return Self.json(
            try self.platform.tcbInfo(
                route.tee, version: route.version.tcbInfoVersion, at: time, faults: edition.faults, evaluation: edition.evaluation),
            chain: try self.platform.tcbInfoIssuerChain(faults: edition.faults), in: route.version.tcbInfoHeader)
    }

    private func qeIdentity(_ parameters: [String: String], _ route: Route, at time: Date) throws -> Response {
        guard let edition = self.edition(parameters) else { return Self.noEdition }
        return Self.json(
            try self.platform.qeIdentity(route.tee, at: time, faults: edition.faults, evaluation: edition.evaluation),
            chain: try self.platform.qeIdentityIssuerChain(faults: edition.faults), in: "SGX-Enclave-Identity-Issuer-Chain")
    }

    /// The edition that a request asks for by `update` or `tcbEvaluationDataNumber`, but not by both.
    private func edition(_ parameters: [String: String]) -> (faults: Set<SimulatedFault>, evaluation: SimulatedTCBEvaluation)? {
        let standard = (faults: self.faults, evaluation: SimulatedTCBEvaluation.standard)
        let early = self.early.map { (faults: $0, evaluation: SimulatedTCBEvaluation.early) }
        switch (parameters["update"], parameters["tcbevaluationdatanumber"]) {
        case (nil, nil), ("standard", nil): return standard
        case ("early", nil): return early ?? standard
        case (nil, let number?): return [standard, early].compactMap(\.self).first { "\($0.evaluation.number)" == number }
        default: return nil
        }
    }

    private static let noEdition = Self.refuse(410, "no such edition; update is `early` or `standard`, or tcbEvaluationDataNumber one that is listed")

    private func crl(_ parameters: [String: String], at time: Date) throws -> Response {
        let list: [UInt8]
        switch parameters["uri"] {
        case SimulatedAuthority.rootCRLAddress: list = try self.platform.rootCRL(at: time, faults: self.faults)
        case SimulatedAuthority.pckCRLAddress: list = try self.platform.pckCRL(at: time, faults: self.faults)
        default: return Self.refuse(404, "parameter uri: a distribution point of the simulated platform's certificates wanted")
        }
        return Self.success(list, type: "application/pkix-crl")
    }

    /// A path of the service, `/sgx/certification/v4/tcb`, taken apart.
    private struct Route {
        enum Version: String {
            case v3, v4

            var tcbInfoVersion: Int { self == .v3 ? 2 : 3 }
            var tcbInfoHeader: String { self == .v3 ? "SGX-TCB-Info-Issuer-Chain" : "TCB-Info-Issuer-Chain" }
        }

        let tee: TEE
        let version: Version
        let resource: String

        init?(path: String) {
            let parts = path.split(separator: "/", maxSplits: 3)
            guard parts.count == 4, parts[1] == "certification", let tee = TEE(rawValue: parts[0].uppercased()), parts[0].lowercased() == parts[0],
                let version = Version(rawValue: String(parts[2])), tee == .sgx || version == .v4
            else { return nil }
            self.tee = tee
            self.version = version
            self.resource = String(parts[3])
        }
    }

    private static func parameters(_ query: String) -> [String: String]? {
        var parameters: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = PercentEncoding.decode(parts[0]), let value = PercentEncoding.decode(parts[1]) else { return nil }
            guard parameters.updateValue(value, forKey: name.lowercased()) == nil else { return nil }
        }
        return parameters
    }

    private static func json(_ body: [UInt8], chain: [UInt8], in header: String) -> Response {
        Self.success(body, type: "application/json", headers: [header: PercentEncoding.encode(chain)])
    }

    private static func success(_ body: [UInt8], type: String, headers: [String: String] = [:]) -> Response {
        Response(status: 200, headers: Self.marked(headers, type: type), body: body)
    }

    private static func refuse(_ status: Int, _ reason: String) -> Response {
        Response(status: status, headers: Self.marked([:], type: "text/plain; charset=utf-8"), body: Array((reason + "\n").utf8))
    }

    /// Every answer says what it is.
    private static func marked(_ headers: [String: String], type: String) -> [String: String] {
        headers.merging(["Content-Type": type, "Warning": "299 - \"SIMULATED collateral, INSECURE\""]) { $1 }
    }
}
