// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding

/// The commands around quotes.
struct QuoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quote",
        abstract: "Show and verify SGX and TDX quotes.",
        discussion: """
            EXAMPLE:
              sealwright quote show quote.bin
              sealwright quote verify --quote quote.bin --collateral collateral/
            """,
        subcommands: [QuoteShowCommand.self, QuoteVerifyCommand.self])

    /// Most bytes of a file that is read as a quote: hexadecimal text of the largest quote, and its line ends.
    private static let fileLimit = 1 << 18

    /// Reads a file that holds a quote, or hexadecimal text of one.
    static func read(_ path: String) throws -> [UInt8] {
        let bytes = try InputFile.readAll(path, limit: Self.fileLimit)
        let text = bytes.filter { ![0x20, 0x0a, 0x0d].contains($0) }
        return [UInt8](hex: String(decoding: text, as: UTF8.self)).flatMap { $0.isEmpty ? nil : $0 } ?? bytes
    }
}
