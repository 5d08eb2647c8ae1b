// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import ProtectedFiles
import TestSupport
import Testing

@Suite("Files written by Gramine's tools", .enabled(if: VectorManifest.exists))
struct VectorTests {
    @Test("every file opens to the bytes, size, version and path it was made from", arguments: VectorManifest.shared.files)
    func file(_ vector: VectorManifest.File) throws {
        let key = try WrapKey(contentsOfFile: VectorManifest.path(vector.keyFile))
        let reader = try ProtectedFileReader(path: VectorManifest.path(vector.file), key: key)
        #expect(reader.size == vector.plaintextSize)
        #expect(Int(reader.formatVersion.number) == vector.formatMajor)
        #expect(reader.embeddedPath == vector.embeddedPath)
        let plaintext = try reader.read(at: 0, count: .max)
        #expect(plaintext.count == vector.plaintextSize)
        #expect(Samples.sha256(plaintext) == vector.plaintextSha256)
    }

    @Test("every tampered file is accepted or refused as its class says, and a refusal leaves no output", arguments: VectorManifest.shared.tampered)
    func tampered(_ vector: VectorManifest.Tampered) throws {
        let key = try WrapKey(contentsOfFile: VectorManifest.path(vector.keyFile))
        let scratch = try ScratchFolder()
        let output = scratch.file("plain")
        let opener = ProtectedFileOpener(key: key)
        if let expected = vector.errorClass {
            #expect(vector.expect == "reject")
            let error = #expect(throws: ProtectedFileError.self) { try opener.open(VectorManifest.path(vector.file), to: output) }
            #expect(error?.code.description == expected)
            #expect(error?.remedy != nil)
            #expect(scratch.contents == [])
        } else {
            #expect(vector.expect == "accept")
            let summary = try opener.open(VectorManifest.path(vector.file), to: output)
            #expect(summary.bytes == vector.plaintextSize)
            #expect(Samples.sha256(try InputFile.readAll(output)) == vector.plaintextSha256)
        }
    }

    @Test("the vectors are all there")
    func counts() {
        let manifest = VectorManifest.shared
        let counts: [Int] = [manifest.files.count, manifest.tampered.count, manifest.pathChecks.count, manifest.sparse.count]
        #expect(counts == [23, 29, 4, 1] as [Int])
    }

    @Test("a required path is accepted or refused as current Gramine does")
    func pathChecks() throws {
        for vector in VectorManifest.shared.pathChecks {
            let key = try WrapKey(contentsOfFile: VectorManifest.path(vector.keyFile))
            for check in vector.checks {
                let open = { try ProtectedFileReader(path: VectorManifest.path(vector.file), key: key, expectedPath: check.path) }
                if check.verifyWithV2 == "accept" {
                    let reader = try open()
                    #expect(reader.embeddedPath == vector.embeddedPath)
                    #expect(Samples.sha256(try reader.read(at: 0, count: .max)) == vector.plaintextSha256)
                } else {
                    let error = #expect(throws: ProtectedFileError.self, "\(vector.file) as \(check.path)") { try open() }
                    #expect(error?.code == .pathMismatch)
                }
            }
        }
    }

    @Test("a path that is only spelled differently is told apart from a moved file")
    func spelling() throws {
        let key = try WrapKey(contentsOfFile: VectorManifest.path("key-1.bin"))
        let error = #expect(throws: ProtectedFileError.self) {
            try ProtectedFileReader(path: VectorManifest.path("path-v1-1.pf"), key: key, expectedPath: "x.pb")
        }
        #expect(error?.remedy?.contains("not normalised") == true)
    }

    @Test("ranges of a file with a tree of three levels are read from the nodes on the way alone")
    func sparse() throws {
        for vector in VectorManifest.shared.sparse {
            let key = try WrapKey(contentsOfFile: VectorManifest.path(vector.keyFile))
            let nodes = try InputFile.readAll(VectorManifest.path(vector.file))
            let storage = SparseStorage(count: vector.encryptedFileSize, nodes: vector.physicalNodes, bytes: nodes)
            let reader = try ProtectedFileReader(storage: storage, name: vector.file, key: key, expectedPath: vector.embeddedPath)
            #expect(reader.size == vector.plaintextSize)
            for range in vector.ranges {
                let bytes = try reader.read(at: range.offset, count: range.length)
                #expect(bytes.count == range.length)
                #expect(Samples.sha256(bytes) == range.sha256)
            }
            let error = #expect(throws: ProtectedFileError.self) { try reader.read(at: 800_000, count: 1) }
            #expect(error?.code == .treeAuthentication)
        }
    }
}

/// A few nodes of a large file, with zeros between them.
private struct SparseStorage: NodeStorage {
    let count: Int
    let nodes: [Int]
    let bytes: [UInt8]

    func read(at offset: Int, count: Int) throws -> [UInt8] {
        try #require(offset % 4096 == 0 && count % 4096 == 0)
        return (offset / 4096..<(offset + count) / 4096).flatMap { node in
            guard let index = self.nodes.firstIndex(of: node) else { return [UInt8](repeating: 0, count: 4096) }
            return Array(self.bytes[index * 4096..<(index + 1) * 4096])
        }
    }
}
