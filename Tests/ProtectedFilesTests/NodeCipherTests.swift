// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ProtectedFiles

@Suite("NodeCipher")
struct NodeCipherTests {
    /// Encrypts nodes of known content with one implementation.
    private static func seal(_ cipher: NodeCipher, entries: inout [UInt8], nodes: inout [UInt8]) {
        // Sound, here and below: pointers are used only inside their closures.
        unsafe entries.withUnsafeMutableBytes { entries in
            unsafe nodes.withUnsafeMutableBytes { unsafe cipher.sealNodes($0, entries: entries) }
        }
    }

    private static func open(_ cipher: NodeCipher, entries: [UInt8], nodes: inout [UInt8]) -> Int {
        unsafe entries.withUnsafeBytes { entries in unsafe nodes.withUnsafeMutableBytes { unsafe cipher.openNodes($0, entries: entries) } }
    }

    @Test("the implementations make the same bytes, open each other's, and find the same damage")
    func agreement() {
        let plaintext = Samples.plaintext(3 * 4096)
        let keys = Samples.plaintext(3 * 32)
        var results: [[UInt8]] = []
        for cipher in NodeCipher.allCases where NodeCipher.available.contains(cipher) {
            var (entries, nodes) = (keys, plaintext)
            Self.seal(cipher, entries: &entries, nodes: &nodes)
            results.append(entries + nodes)
            for other in NodeCipher.available {
                var copy = nodes
                #expect(Self.open(other, entries: entries, nodes: &copy) == 3)
                #expect(copy == plaintext)
                var damaged = nodes
                damaged[2 * 4096 - 1] ^= 1
                #expect(Self.open(other, entries: entries, nodes: &damaged) == 1)
                #expect(damaged[4096..<8192].allSatisfy { $0 == 0 })
            }
        }
        #expect(Set(results).count == 1)
    }

    @Test("random bytes differ from each other", arguments: NodeCipher.available)
    func random(cipher: NodeCipher) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        unsafe bytes.withUnsafeMutableBytes { unsafe cipher.randomize($0) }
        #expect(Set(stride(from: 0, to: 4096, by: 16).map { Array(bytes[$0..<$0 + 16]) }).count == 256)
    }
}
