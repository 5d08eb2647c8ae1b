// SPDX-License-Identifier: Apache-2.0

import Attestation
import ByteCoding
import Foundation
import SimulatedTEE
import SwiftASN1
import Testing

@Suite("The simulated collateral service")
struct SimulatedCollateralServiceTests {
    typealias Request = SimulatedCollateralService.Request

    static let time = Date(timeIntervalSince1970: 1_800_000_000)
    static let platform = Result { try SimulatedPlatform.create(at: time) }

    private static func respond(_ path: String, _ query: String = "", method: String = "GET") throws -> SimulatedCollateralService.Response {
        try SimulatedCollateralService(platform: Self.platform.get())
            .respond(to: Request(method: method, path: path, query: query), at: Self.time)
    }

    @Test(
        "documents come with the issuer chain header of their API version",
        arguments: [
            ("v4", "TCB-Info-Issuer-Chain", "\"version\":3"), ("v3", "SGX-TCB-Info-Issuer-Chain", "\"version\":2"),
        ])
    func tcbInfo(version: String, header: String, content: String) throws {
        let fmspc = try Self.platform.get().fmspc
        let response = try Self.respond("/sgx/certification/\(version)/tcb", "fmspc=\(fmspc.hexString.uppercased())")
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self).contains(content))
        let chain = try #require(response.headers[header]?.removingPercentEncoding)
        #expect(try PEMDocument.parseMultiple(pemString: chain).count == 2)
        #expect(response.headers["Warning"]?.contains("INSECURE") == true)
    }

    @Test("the QE identity has its chain")
    func qeIdentity() throws {
        let response = try Self.respond("/sgx/certification/v4/qe/identity")
        #expect(response.status == 200)
        #expect(response.headers["SGX-Enclave-Identity-Issuer-Chain"] != nil)
        let json = try #require(try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
        #expect(Set(json.keys) == ["enclaveIdentity", "signature"])
    }

    @Test("the PCK revocation list comes as DER, PEM or hex")
    func pckCRLEncodings() throws {
        let der = try Self.respond("/sgx/certification/v4/pckcrl", "ca=platform&encoding=der")
        let pem = try Self.respond("/sgx/certification/v4/pckcrl", "ca=PLATFORM&encoding=pem")
        let hex = try Self.respond("/sgx/certification/v3/pckcrl", "ca=platform")
        #expect(der.body.first == 0x30)
        #expect(try PEMDocument(pemString: String(decoding: pem.body, as: UTF8.self)).discriminator == "X509 CRL")
        #expect([UInt8](hex: String(decoding: hex.body, as: UTF8.self))?.first == 0x30)
        for response in [der, pem, hex] { #expect(response.headers["SGX-PCK-CRL-Issuer-Chain"] != nil) }
    }

    @Test("the root revocation list is hex, and DER by its distribution point")
    func rootCRL() throws {
        let hex = try Self.respond("/sgx/certification/v4/rootcacrl")
        #expect([UInt8](hex: String(decoding: hex.body, as: UTF8.self))?.first == 0x30)
        let der = try Self.respond("/sgx/certification/v4/crl", "uri=https%3A%2F%2Fsimulated.invalid%2FSealwrightSimulatedRootCA.der")
        #expect(der.status == 200)
        #expect(der.body.first == 0x30)
    }

    @Test(
        "what is not offered is refused with a reason",
        arguments: [
            ("/sgx/certification/v4/tcb", "fmspc=000000000000", 404), ("/sgx/certification/v4/tcb", "", 400),
            ("/sgx/certification/v4/tcb", "fmspc=xyz", 400),
            ("/sgx/certification/v4/pckcrl", "ca=processor", 404), ("/sgx/certification/v4/pckcrl", "", 400),
            ("/sgx/certification/v4/pckcrl", "ca=platform&encoding=base64", 400), ("/sgx/certification/v4/pckcrl", "ca=platform&ca=platform", 400),
            ("/sgx/certification/v4/pckcrl", "ca=%4", 400), ("/sgx/certification/v4/pckcert", "qeid=00", 404),
            ("/sgx/certification/v4/crl", "uri=x", 404),
            ("/tdx/certification/v4/tcb", "fmspc=000000000000", 404), ("/sgx/certification/v5/tcb", "", 404), ("/", "", 404), ("", "", 404),
            ("/sgx/certification/v4/nothing", "", 404),
        ])
    func refusals(path: String, query: String, status: Int) throws {
        let response = try Self.respond(path, query)
        #expect(response.status == status)
        #expect(!response.body.isEmpty)
    }

    @Test("only GET is answered")
    func otherMethods() throws {
        #expect(try Self.respond("/sgx/certification/v4/rootcacrl", method: "POST").status == 405)
    }
}
