// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import Testing

@testable import TensorFlowRuntime

@Suite("Finding TensorFlow")
struct LibraryTests {
    @Test("a given path is the only one that is tried, then the environment's, then the folder above the executable and the system's")
    func order() {
        let everywhere: (String) -> Bool = { _ in true }
        let given = LibrarySearch(path: "/a/lib.so", variable: "/b/lib.so", executable: "/c/d/program", exists: everywhere)
        #expect(given.candidates == ["/a/lib.so"])
        let bare = LibrarySearch(path: "lib.so", variable: nil, executable: nil, exists: everywhere)
        #expect(bare.candidates == ["./lib.so"])
        let variable = LibrarySearch(path: nil, variable: "/b/lib.so", executable: "/c/d/program", exists: everywhere)
        #expect(variable.candidates == ["/b/lib.so"])
        let system = ["libtensorflow.so.2", "libtensorflow_cc.so.2"]
        let beside = LibrarySearch(path: nil, variable: "", executable: "/c/d/program") { $0 == "/c/.tensorflow/lib/libtensorflow_cc.so.2" }
        #expect(beside.candidates == ["/c/.tensorflow/lib/libtensorflow_cc.so.2"] + system)
        let nothing = LibrarySearch(path: nil, variable: nil, executable: "/c/d/program") { _ in false }
        #expect(nothing.candidates == system)
    }

    @Test("a missing library is told of with the way to get it")
    func missing() throws {
        let search = LibrarySearch(candidates: ["/does/not/exist.so", "libdoesnotexist.so.2"], origin: "from this test")
        let error = #expect(throws: TensorFlowError.self) { try TensorFlowLibrary.open(search, threads: 1) }
        #expect(error?.identifier == "tensorflow-not-found")
        #expect(error?.exitStatus == .unavailable)
        #expect(error?.message.contains("/does/not/exist.so") == true)
        #expect(error?.message.contains("libdoesnotexist.so.2") == true)
        #expect(error?.remedy?.contains("make tensorflow") == true)
    }

    #if os(Linux)
        @Test("a library that is not TensorFlow is told of by the function it lacks")
        func incomplete() throws {
            let error = #expect(throws: TensorFlowError.self) {
                try TensorFlowLibrary.open(LibrarySearch(candidates: ["libm.so.6"], origin: "from this test"), threads: 1)
            }
            #expect(error?.identifier == "tensorflow-incomplete")
            #expect(error?.message.contains("TF_Version") == true)
        }
    #endif

    @Test("TensorFlow's settings are in the environment before it is loaded", arguments: ["TF_CPP_MIN_LOG_LEVEL", "TF_ONEDNN_ASSUME_FROZEN_WEIGHTS"])
    func environment(variable: String) {
        #expect(unsafe getenv(variable) != nil)
    }

    @Test("the library is loaded once", .enabled(if: Engine.isInstalled))
    func once() throws {
        let library = try Engine.library()
        #expect(try TensorFlowLibrary.load() === library)
        #expect(try TensorFlowLibrary.load(path: library.path) === library)
        #expect(library.version.hasPrefix("2."))
        let error = #expect(throws: TensorFlowError.self) { try TensorFlowLibrary.load(path: "/another/lib.so") }
        #expect(error?.identifier == "tensorflow-already-loaded")
    }
}
