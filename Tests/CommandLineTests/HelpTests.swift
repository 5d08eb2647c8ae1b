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

    @Test(
        "what may be a misspelling is told with what may be meant, and nothing else is",
        arguments: [("--foo=bar", nil), ("--prot=1", "--port"), ("--odel_name=m", "--model_name")] as [(String, String?)])
    func suggestion(argument: String, meant: String?) async throws {
        let result = try await BuiltCommand.run("serve", argument)
        #expect(result.status == 64)
        let name = argument.prefix { $0 != "=" }
        let message = "Error: Unknown option '\(name)'" + (meant.map { ". Did you mean '\($0)'?" } ?? "") + "\n"
        #expect(result.error.hasPrefix(message), "\(result.error)")
    }
}
