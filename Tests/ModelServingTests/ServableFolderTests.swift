// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import TestSupport
import Testing

@Suite("The folder of a model")
struct ServableFolderTests {
    @Test(
        "children named by a decimal integer are versions",
        arguments: [
            (["1"], [1], [String]()),
            (["00000123", "124"], [123, 124], []),
            (["9", "10", "2"], [2, 9, 10], []),
            (["+3", "-4"], [-4, 3], []),
            (["1a", "a1", "1.0", " 1", "0x10", ".hidden", "1 "], [], [" 1", ".hidden", "0x10", "1 ", "1.0", "1a", "a1"]),
            (["9223372036854775807"], [.max], []),
            (["9223372036854775808"], [], ["9223372036854775808"]),
            (["1", "01"], [1], ["01"]),
            ([], [], []),
        ] as [([String], [Int64], [String])])
    func versions(names: [String], numbers: [Int64], others: [String]) throws {
        let folder = try ScratchFolder()
        for name in names { try folder.write([0], to: "\(name)/saved_model.pb") }
        let found = try ServableFolder(path: folder.path)
        #expect(found.versions.map(\.number) == numbers)
        #expect(found.otherNames == others)
        if let highest = numbers.last { #expect(try found.latest().number == highest) }
    }

    @Test("of two names for one number the later in order is taken")
    func twoNames() throws {
        let folder = try ScratchFolder()
        for name in ["7", "007"] { try folder.write([0], to: "\(name)/saved_model.pb") }
        let latest = try ServableFolder(path: folder.path).latest()
        #expect(latest.name == "7")
        #expect(latest.path == folder.file("7"))
        let shadowed = try ServableFolder(path: folder.path).shadowed
        #expect(shadowed.map(\.name) == ["007"])
        #expect(shadowed.map(\.version.name) == ["7"])
    }

    @Test("a folder without versions is refused, telling what was found")
    func noVersions() throws {
        let folder = try ScratchFolder()
        try folder.write([0], to: "saved_model.pb")
        let found = try ServableFolder(path: folder.path)
        let error = #expect(throws: ServingError.self) { try found.latest() }
        #expect(error?.code == .noModelVersions)
        #expect(error?.message.contains("saved_model.pb") == true)
        #expect(error?.remedy?.contains("MODEL/1") == true)
    }

    @Test("a folder that is not there is refused")
    func missing() throws {
        let folder = try ScratchFolder()
        let error = #expect(throws: ServingError.self) { try ServableFolder(path: folder.file("nowhere")) }
        #expect(error?.code == .missingModelFolder)
    }
}

@Suite("Whether files are sealed")
struct SealingTests {
    static let magic = Array("GRAFS_PF".utf8)

    @Test("sealed files, plain files and mixtures are told apart by their first bytes")
    func folders() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.magic + [1], to: "sealed/saved_model.pb")
        try folder.write(Self.magic, to: "sealed/variables/variables.index")
        try folder.write([8, 1], to: "plain/saved_model.pb")
        try folder.write([], to: "plain/assets/empty")
        try folder.write(Self.magic, to: "mixed/saved_model.pb")
        try folder.write(Array(Self.magic.dropLast()), to: "mixed/variables/variables.index")
        #expect(try Sealing.ofFolder(folder.file("sealed")) == .sealed)
        #expect(try Sealing.ofFolder(folder.file("plain")) == .plain)
        let mixed = #expect(throws: ServingError.self) { try Sealing.ofFolder(folder.file("mixed")) }
        #expect(mixed?.code == .mixedSealing)
    }

    @Test("links to folders are followed, and not in circles")
    func links() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.magic, to: "data/variables/variables.index")
        try FileManager.default.createSymbolicLink(atPath: folder.file("1"), withDestinationPath: folder.file("data"))
        #expect(try Sealing.ofFolder(folder.file("1")) == .sealed)
        try FileManager.default.createSymbolicLink(atPath: folder.file("data/again"), withDestinationPath: folder.file("data"))
        #expect(throws: ServingError.self) { try Sealing.ofFolder(folder.file("1")) }
    }

    @Test("a folder without files, and a file in a folder's place, are refused")
    func empty() throws {
        let folder = try ScratchFolder()
        try folder.write([1], to: "1")
        try folder.write([1], to: "outer/inner/file")
        #expect(throws: ServingError.self) { try Sealing.ofFolder(folder.file("1")) }
        #expect(try Sealing.ofFile(folder.file("1")) == .plain)
    }
}
