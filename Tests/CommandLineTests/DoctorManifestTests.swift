// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@Suite("sealwright doctor --manifest, --enclave")
struct DoctorManifestTests {
    private static let template = "\(Checkout.path)/deploy/gramine/sealwright-serve.manifest.template"

    @Test("a sound manifest ends with 0, a faulty one with 78 and its faults, as text and as JSON")
    func manifest() async throws {
        #expect(try await BuiltCommand.run("doctor", "--manifest", Self.template).status == 0)
        let old = try await BuiltCommand.run("doctor", "--manifest", Self.template, "--gramine-version", "1.3.1", "--json")
        #expect(old.status == 78)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(old.output.utf8)) as? [String: Any])
        let rules = try #require(object["findings"] as? [[String: Any]]).compactMap { $0["rule"] as? String }
        #expect(rules.contains("key-too-new") && rules.contains("release-too-old"))
        let text = try await BuiltCommand.run("doctor", "--manifest", Self.template, "--gramine-version", "1.6")
        #expect(text.output.contains("[release-too-old]\n  what to do: "))
    }

    @Test("an image root that lacks the files is a fault")
    func imageRoot() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run("doctor", "--manifest", Self.template, "--image-root", scratch.path)
        #expect(result.status == 78)
        #expect(result.output.contains("/usr/bin/sealwright is not in the image"))
    }

    @Test("wrong use and wrong files end with their own status")
    func failures() async throws {
        let scratch = try ScratchFolder()
        #expect(try await BuiltCommand.run("doctor").status == 64)
        #expect(try await BuiltCommand.run("doctor", "--manifest", Self.template, "--gramine-version", "2").status == 64)
        #expect(try await BuiltCommand.run("doctor", "--manifest", scratch.file("absent")).status == 66)
        let broken = try await BuiltCommand.run("doctor", "--manifest", try scratch.write(Array("a = \n".utf8), to: "broken"))
        #expect(broken.status == 78 && broken.error.contains("line 1"))
        #expect(try await BuiltCommand.run("doctor", "--enclave", "--model", scratch.path).status == 66)
    }

    @Test("an enclave's numbers are printed as lines for its manifest, and as JSON")
    func enclave() async throws {
        let scratch = try ScratchFolder()
        try scratch.write([UInt8](repeating: 0, count: 1000), to: "model/1/saved_model.pb")
        let text = try await BuiltCommand.run("doctor", "--enclave", "--model", scratch.file("model"))
        #expect(text.status == 0)
        #expect(text.output.contains("\nsgx.max_threads = 40\n"))
        let result = try await BuiltCommand.run(
            "doctor", "--enclave", "--model", scratch.file("model"), "--library", BuiltCommand.path, "--processors", "8", "--json")
        let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        #expect(object["neededThreads"] as? Int == 32)
        #expect(object["maxThreads"] as? Int == 40)
    }
}

@Suite("The thread limit of an enclave")
struct EnclaveThreadLimitTests {
    @Test(
        "serve refuses to start with fewer threads than it needs, or with a limit that is none",
        arguments: [
            ("4", "too-few-threads"), ("many", "bad-thread-limit"), ("0", "bad-thread-limit"),
        ])
    func refused(limit: String, identifier: String) async throws {
        let result = try await BuiltCommand.run(
            "serve", "--model_base_path", "absent", "--port", "0", "--address", "127.0.0.1", environment: ["SEALWRIGHT_MAX_THREADS": limit])
        #expect(result.status == 78)
        #expect(result.error.contains("[\(identifier)]"))
    }
}
