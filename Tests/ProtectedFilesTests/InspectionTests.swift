// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ProtectedFiles
import TestSupport
import Testing

@Suite("ProtectedFileInspection")
struct InspectionTests {
    @Test(
        "counts and sizes are right, and without the key path and size stay unknown",
        arguments: [(0, 0, 0), (3072, 0, 0), (3073, 1, 1), (396_289, 97, 2)], [FormatVersion.version1, .version2])
    func counts(nodes: (size: Int, data: Int, tree: Int), version: FormatVersion) throws {
        let scratch = try ScratchFolder()
        let sealed = try ProtectedFileSealer(key: Samples.key, formatVersion: version).seal(Samples.plaintext(nodes.size), mountPath: "./a")
        // Two whole nodes behind the end, as an older and longer file leaves them.
        let path = try scratch.write(sealed + [UInt8](repeating: 0, count: 8192), to: "file")
        let open = try ProtectedFileInspection(ofFile: path, key: nil)
        #expect(open.formatVersion == version)
        #expect(open.authenticated == nil)
        #expect(open.sealedSize == sealed.count + 8192)
        #expect(open.nodes == 3 + nodes.data + nodes.tree)
        #expect(open.largestPlaintextSize >= nodes.size)
        let inspection = try ProtectedFileInspection(ofFile: path, key: Samples.key)
        let known = try #require(inspection.authenticated)
        #expect(known.embeddedPath == "a")
        #expect(known.plaintextSize == nodes.size)
        #expect(known.dataNodes == nodes.data)
        #expect(known.treeNodes == nodes.tree)
        #expect(known.trailingNodes == 2)
        #expect(inspection.metadataTag == Array(sealed[42..<58]))
    }

    @Test("what is not authenticated is shown as it stands: minor version and flags")
    func unauthenticated() throws {
        let scratch = try ScratchFolder()
        var sealed = try ProtectedFileSealer(key: Samples.key, formatVersion: .version2).seal([1], mountPath: "a")
        sealed[9] = 3
        sealed[58] = 1
        let inspection = try ProtectedFileInspection(ofFile: try scratch.write(sealed, to: "file"), key: Samples.key)
        #expect(inspection.minorVersion == 3)
        #expect(inspection.featureFlags == 1)
    }

    @Test("another key, another format and another size are refused")
    func refusals() throws {
        let scratch = try ScratchFolder()
        let sealed = try ProtectedFileSealer(key: Samples.key).seal([1], mountPath: "a")
        let cases: [([UInt8], WrapKey?, ProtectedFileError.Code)] = [
            (sealed, Samples.otherKey, .metadataAuthentication), (Array(sealed.dropLast()), nil, .badSize), ([], nil, .truncated),
            ([UInt8](repeating: 0, count: 4096), nil, .badMagic),
        ]
        for (bytes, key, code) in cases {
            let path = try scratch.write(bytes, to: "file")
            let error = #expect(throws: ProtectedFileError.self) { try ProtectedFileInspection(ofFile: path, key: key) }
            #expect(error?.code == code)
        }
    }
}
