// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("The sealwright command")
struct HelpTests {
    @Test("--help prints an answer and succeeds")
    func help() async throws {
        let result = try await BuiltCommand.run("--help")
        #expect(result.status == 0)
        #expect(result.output.contains("USAGE: sealwright"))
        #expect(result.error.isEmpty)
    }

    @Test("--version tells the version")
    func version() async throws {
        let result = try await BuiltCommand.run("--version")
        #expect(result.status == 0)
        #expect(result.output.wholeMatch(of: /sealwright \d+\.\d+\.\d+\n/) != nil, "\(result.output)")
        #expect(result.error.isEmpty)
    }

    @Test("an unknown option is a wrong use, told on standard error")
    func unknownOption() async throws {
        let result = try await BuiltCommand.run("--no-such-option")
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.error.contains("--no-such-option"))
    }
}
