// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite("OutputFile and OutputFolder")
struct OutputFileTests {
    @Test("a committed file has its bytes and its permissions", arguments: [true, false])
    func commit(replacing: Bool) throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/key"
        try OutputFile.write([1, 2, 3], to: path, permissions: 0o600, replacing: replacing)
        #expect(try InputFile.readAll(path) == [1, 2, 3])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(scratch.contents == ["key"])
    }

    @Test("a name as long as the file system allows can be written, replaced and be a folder's", arguments: ["n", "é", "😀"])
    func longName(letter: String) throws {
        let scratch = try ScratchFolder()
        let name = String(repeating: letter, count: 252 / letter.utf8.count)
        for replacing in [false, true] { try OutputFile.write([1], to: scratch.file(name), permissions: 0o644, replacing: replacing) }
        #expect(scratch.contents == [name])
        try FileManager.default.removeItem(atPath: scratch.file(name))
        let folder = try OutputFolder(path: scratch.file(name), replacing: false)
        try folder.commit()
        #expect(scratch.contents == [name])
    }

    @Test("without a commit nothing is left behind")
    func abandoned() throws {
        let scratch = try ScratchFolder()
        do {
            let file = try OutputFile(path: scratch.path + "/half", permissions: 0o600, replacing: false)
            try file.write([1].span)
            let folder = try OutputFolder(path: scratch.path + "/folder", replacing: false)
            try FileManager.default.createDirectory(atPath: folder.workPath + "/deep/er", withIntermediateDirectories: true)
            try OutputFile.write([7], to: folder.workPath + "/deep/er/file", permissions: 0o644, replacing: false)
        }
        #expect(scratch.contents == [])
    }

    @Test("an existing output is kept unless it may be replaced")
    func existing() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/model"
        try OutputFile.write([1], to: path, permissions: 0o644, replacing: false)
        let error = #expect(throws: FileError.self) { try OutputFile.write([2], to: path, permissions: 0o644, replacing: false) }
        #expect(error?.identifier == "output-exists")
        #expect(try InputFile.readAll(path) == [1])
        try OutputFile.write([2], to: path, permissions: 0o644, replacing: true)
        #expect(try InputFile.readAll(path) == [2])
        #expect(scratch.contents == ["model"])
    }

    @Test("a folder is replaced whole")
    func replacedFolder() throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/version"
        for content in [1, 2] as [UInt8] {
            let folder = try OutputFolder(path: path, replacing: content == 2)
            try OutputFile.write([content], to: folder.workPath + "/file\(content)", permissions: 0o644, replacing: false)
            try folder.commit()
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["file2"])
        #expect(scratch.contents == ["version", "version/file2"])
    }

    @Test("a folder that is replaced is there at every moment")
    func replacedFolderIsNeverMissing() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/version"
        try OutputFolder(path: path, replacing: false).commit()
        let end = End()
        async let misses = Self.misses(of: path, until: end)
        for _ in 0..<200 { try OutputFolder(path: path, replacing: true).commit() }
        end.isReached.store(true, ordering: .relaxed)
        #expect(await misses == 0)
        #expect(scratch.contents == ["version"])
    }

    private final class End: Sendable {
        let isReached = Atomic(false)
    }

    @concurrent
    private static func misses(of path: String, until end: End) async -> Int {
        var misses = 0
        repeat { misses += unsafe access(path, F_OK) == 0 ? 0 : 1 } while !end.isReached.load(ordering: .relaxed)
        return misses
    }

    @Test("a folder may take a file's place")
    func folderInPlaceOfFile() throws {
        let scratch = try ScratchFolder()
        try OutputFile.write([1], to: scratch.path + "/model", permissions: 0o644, replacing: false)
        let folder = try OutputFolder(path: scratch.path + "/model", replacing: true)
        try folder.write([2], to: "inner", permissions: 0o644)
        try folder.commit()
        #expect(scratch.contents == ["model", "model/inner"])
    }

    @Test("a missing input is named, and a folder is not a file")
    func missingInput() {
        let missing = #expect(throws: FileError.self) { try InputFile.readAll("/nonexistent/file") }
        #expect(missing?.exitStatus == .noInput)
        #expect(missing?.message.contains("/nonexistent/file") == true)
        #expect(throws: FileError.self) { try InputFile.readAll("/tmp") }
    }
}
