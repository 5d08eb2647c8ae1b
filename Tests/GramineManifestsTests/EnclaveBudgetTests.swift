// SPDX-License-Identifier: Apache-2.0

import Foundation
import GramineManifests
import TestSupport
import Testing

@Suite("The size of an enclave")
struct EnclaveBudgetTests {
    private static let megabyte = 1_000_000
    /// What was measured: 458 + 50 MB of TensorFlow, 94 of the executable, 6 of the C and C++ runtime.
    private static let code = 608 * megabyte

    @Test("threads of a machine with four processors are 28, and 40 to be safe")
    func threads() {
        #expect(ThreadBudget().needed == 28)
        #expect(ThreadBudget().maxThreads == 40)
    }

    @Test(
        "ResNet-50 of 102 MB takes 2 GiB with variables, and 4 GiB frozen",
        arguments: [
            (102 * megabyte, 1 * megabyte, "2G"), (0, 102 * megabyte, "4G"),
        ])
    func measured(variables: Int, graph: Int, size: String) {
        let budget = EnclaveBudget(code: Self.code, variables: variables, graph: graph, threads: ThreadBudget())
        #expect(budget.enclaveSize.description == size)
        #expect(budget.memoryLimit.bytes == budget.enclaveSize.bytes + (512 << 20))
        #expect(budget.manifestLines.contains("sgx.enclave_size = \"\(size)\""))
        #expect(budget.manifestLines.contains("sgx.max_threads = 40"))
    }

    @Test("two versions at once take their heap twice")
    func versions() {
        var budget = EnclaveBudget(code: Self.code, variables: 102 * Self.megabyte, graph: 0, threads: ThreadBudget())
        let one = budget.needed.bytes
        budget.versions = 2
        #expect(budget.needed.bytes - one > 204 * Self.megabyte)
    }

    @Test(
        "sizes are read and written as in manifests",
        arguments: [
            ("256K", 262_144, "256K"), ("2G", 2 << 30, "2G"), ("1024G", 1024 << 30, "1024G"), ("4096", 4096, "4K"), ("3", 3, "3"),
        ])
    func sizes(text: String, bytes: Int, written: String) {
        #expect(MemorySize(text)?.bytes == bytes)
        #expect(MemorySize(text)?.description == written)
    }

    @Test("what is no size is none", arguments: ["", "G", "-1K", "1T", "1 G", "99999999999999999999", "9999999999999G"])
    func noSizes(text: String) { #expect(MemorySize(text) == nil) }

    @Test("a model's folder counts its largest version")
    func footprint() throws {
        let scratch = try ScratchFolder()
        try scratch.write([UInt8](repeating: 0, count: 10), to: "model/1/saved_model.pb")
        try scratch.write([UInt8](repeating: 0, count: 20), to: "model/2/saved_model.pb")
        try scratch.write([UInt8](repeating: 0, count: 300), to: "model/2/variables/variables.data-00000-of-00001")
        try scratch.write([UInt8](repeating: 0, count: 9), to: "model/notes/saved_model.pb")
        let footprint = try #require(ModelFootprint(folder: scratch.file("model")))
        #expect(footprint.graph == 20 && footprint.variables == 300)
        #expect(ModelFootprint(folder: scratch.file("model/1"))?.graph == 10)
        #expect(ModelFootprint(folder: scratch.file("absent")) == nil)
    }

    @Test("the loaded size of a program is that of its loadable segments, and other files have none")
    func loadable() throws {
        let size = try LoadableSize(ofFile: BuiltCommand.path).bytes
        #expect(size > 1 << 20)
        let scratch = try ScratchFolder()
        #expect(throws: ELFError.self) { try LoadableSize(ofFile: try scratch.write([1, 2, 3], to: "x")) }
        // A header of 64 bytes that promises program headers beyond the end, and every shorter one.
        var header = [UInt8](repeating: 0, count: 64)
        header.replaceSubrange(0..<6, with: [0x7f, 0x45, 0x4c, 0x46, 2, 1])
        (header[33], header[54], header[56]) = (1, 56, 1)
        for length in 0...64 {
            let path = try scratch.write(Array(header.prefix(length)), to: "header-\(length)")
            #expect(throws: ELFError.self) { try LoadableSize(ofFile: path) }
        }
    }
}
