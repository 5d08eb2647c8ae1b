// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProtectedFiles

@Suite("NodeGeometry")
struct NodeGeometryTests {
    @Test(
        "a size has its number of data and tree nodes",
        arguments: [
            (0, 0, 0), (3072, 0, 0), (3073, 1, 1), (7168, 1, 1), (7169, 2, 1), (396_288, 96, 1), (396_289, 97, 2),
            (12_979_200, 96 * 33, 33), (12_979_201, 96 * 33 + 1, 34), (3072 + 4096 * 96 * 1057 + 1, 96 * 1057 + 1, 1058),
        ] as [(UInt64, Int, Int)])
    func counts(size: UInt64, data: Int, tree: Int) throws {
        let geometry = try #require(NodeGeometry(plaintextSize: size))
        #expect(geometry.dataNodeCount == data)
        #expect(geometry.treeNodeCount == tree)
        #expect(geometry.nodeCount == 1 + data + tree)
    }

    @Test(
        "a size that no file can have is refused",
        arguments: [UInt64.max, UInt64.max - 4095, 1 << 63, (1 << 63) - 1, UInt64(Int.max) / 97 * 96 + 8192] as [UInt64])
    func hostileSizes(size: UInt64) { #expect(NodeGeometry(plaintextSize: size) == nil) }

    @Test("the largest size has a place for its last node")
    func largest() throws {
        let size = UInt64(Int.max) / 97 * 96 - 16_384
        let geometry = try #require(NodeGeometry(plaintextSize: size))
        #expect(NodeGeometry.physicalNode(ofData: geometry.dataNodeCount - 1) == geometry.nodeCount - 1)
    }

    @Test("every physical node but the first is one tree or data node")
    func places() throws {
        let geometry = try #require(NodeGeometry(plaintextSize: 3072 + 4096 * 1000))
        let tree = (0..<geometry.treeNodeCount).map { NodeGeometry.physicalNode(ofTree: $0) }
        let data = (0..<geometry.dataNodeCount).map { NodeGeometry.physicalNode(ofData: $0) }
        #expect((tree + data).sorted() == Array(1..<geometry.nodeCount))
    }

    @Test("each tree node but the root is a child of its parent, at its entry")
    func parents() throws {
        let geometry = try #require(NodeGeometry(plaintextSize: 3072 + 4096 * 96 * 2000))
        for node in 1..<geometry.treeNodeCount {
            let parent = NodeGeometry.parent(ofTree: node)
            let children = geometry.children(ofTree: parent.node)
            #expect(children.contains(node))
            #expect(node - children.lowerBound == parent.entry)
        }
        #expect((0..<geometry.treeNodeCount).reduce(0) { $0 + geometry.children(ofTree: $1).count } == geometry.treeNodeCount - 1)
    }
}
