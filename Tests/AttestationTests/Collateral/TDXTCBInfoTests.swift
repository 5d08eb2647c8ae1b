// SPDX-License-Identifier: Apache-2.0

import Foundation
import SimulatedTEE
import Testing

@testable import Attestation

@Suite("TCB info of TDX")
struct TDXTCBInfoTests {
    private static let text = Result {
        let time = Date(timeIntervalSince1970: 1_800_000_000)
        return String(decoding: try SimulatedPlatform.create(at: time).collateral(at: time, tee: .tdx).tcbInfo, as: UTF8.self)
    }

    private static func decode(_ text: String) throws(CollateralError) -> TCBInfo {
        try TCBInfo(SignedJSON(decoding: Array(text.utf8), body: "tcbInfo").body)
    }

    @Test("modules and their levels are read, highest first")
    func modules() throws {
        let info = try Self.decode(try Self.text.get())
        #expect(info.tee == .tdx && info.tdxModule != nil)
        #expect(info.tdxModuleIdentities.map(\.id) == ["TDX_01", "TDX_03"])
        #expect(info.tdxModuleIdentities[0].levels.map(\.isvSVN) == [5, 3, 2])
        #expect(info.tdxModuleIdentities[0].levels.map(\.status) == [.upToDate, .outOfDate, .revoked])
        #expect(info.levels.allSatisfy { $0.tdxComponents.count == 16 })
        #expect(info.tdxModuleIdentity(of: TEETCBSVN([0, 3] + [UInt8](repeating: 0, count: 14))!)?.id == "TDX_03")
        #expect(info.tdxModuleIdentity(of: TEETCBSVN([0, 0] + [UInt8](repeating: 0, count: 14))!) == nil)
    }

    @Test("an id is read in either case, two digits in hexadecimal")
    func identifiers() throws {
        let info = try Self.decode(try Self.text.get().replacingOccurrences(of: "TDX_03", with: "tdx_0a"))
        #expect(info.tdxModuleIdentity(of: TEETCBSVN([0, 10] + [UInt8](repeating: 0, count: 14))!)?.id == "TDX_0A")
    }

    /// What is replaced in the text, and what has to be named in the complaint.
    static let faults: [(old: String, new: String, words: String)] = [
        ("\"tdxModule\":{", "\"tdxModul\":{", "tdxModule"),
        ("\"tdxModule\":{", "\"tdxModule\":[],\"x\":{", "not an object"),
        ("\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":[],\"x\":[", "is empty"),
        ("\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":{},\"x\":[", "not an array"),
        ("\"TDX_03\"", "\"tdx_01\"", "two TDX modules have the id TDX_01"),
        ("\"TDX_03\"", "3", "\"id\" is not a string"),
        ("\"id\":\"TDX_01\",", "", "\"id\" is missing"),
        ("\"attributesMask\":\"FFFFFFFFFFFFFFFF\"", "\"attributesMask\":\"FFFF\"", "16 hexadecimal digits"),
        ("\"attributes\":\"0000000000000000\"", "\"attributes\":0", "not a string"),
        ("\"mrsigner\":\"00", "\"mrsigner\":\"0", "96 hexadecimal digits"),
        ("{\"isvsvn\":5}", "{\"isvsvn\":65536}", "not in 0 to 65535"),
        ("{\"isvsvn\":5}", "{\"isvsvn\":3}", "two levels have the isvsvn 3"),
        ("{\"isvsvn\":5}", "{}", "\"isvsvn\" is missing"),
        ("\"tcbStatus\":\"Revoked\",\"advisoryIDs\":[\"SIMULATED-SA-00002\"]", "\"tcbStatus\":\"SWHardeningNeeded\"", "not known"),
        ("\"tdxtcbcomponents\":[{\"svn\":5},", "\"tdxtcbcomponents\":[", "15 members, not 16"),
        ("\"tdxtcbcomponents\":[{\"svn\":5}", "\"tdxtcbcomponents\":[{\"svn\":256}", "not in 0 to 255"),
        ("\"tdxtcbcomponents\":[{\"svn\":5}", "\"tdxtcbcomponents\":[5", "not an object"),
        ("\"tdxtcbcomponents\"", "\"tdxtcbcomponent\"", "\"tdxtcbcomponents\" is missing"),
        ("\"id\":\"TDX\",\"version\":3", "\"id\":\"SGX\",\"version\":3", "does not belong"),
        ("\"id\":\"TDX\",\"version\":3", "\"id\":\"TDX\",\"version\":2", "does not belong"),
        ("\"id\":\"TDX\",\"version\":3", "\"id\":\"TDX\",\"version\":4", "not in 2 to 3"),
    ]

    @Test("what is missing, of another type, out of range or there twice is refused", arguments: Self.faults.indices)
    func refused(index: Int) throws {
        let (old, new, words) = Self.faults[index]
        let text = try Self.text.get()
        try #require(text.contains(old))
        let error = #expect(throws: CollateralError.self) { try Self.decode(text.replacingOccurrences(of: old, with: new)) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("module identities may be absent")
    func absent() throws {
        let text = try Self.text.get().replacingOccurrences(of: "\"tdxModuleIdentities\"", with: "\"other\"")
        #expect(try Self.decode(text).tdxModuleIdentities.isEmpty)
    }
}
