import ArgumentParser
import Foundation
import ProtectedFiles

/// What sealing and opening have in common.
struct ProtectedFileOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The wrap key, a file of 16 bytes.", valueName: "file"))
    var key: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to read.", valueName: "path"))
    var input: String

    @Option(name: .long, help: ArgumentHelp("The file or folder to make.", valueName: "path"))
    var output: String

    @Flag(name: .long, help: "Replace the output if it exists.")
    var force = false

    @Flag(name: .long, help: "Print the result as JSON.")
    var json = false

    /// Says how much was done.
    func print(_ summary: ProtectedFileSummary, verb: String) throws {
        guard self.json else {
            let files = summary.files == 1 ? "1 file" : "\(summary.files) files"
            let bytes = summary.bytes == 1 ? "1 byte" : "\(summary.bytes) bytes"
            Swift.print("\(verb) \(files), \(bytes) of plaintext: \(self.output)")
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let data = try encoder.encode(Result(files: summary.files, bytes: summary.bytes, output: self.output))
        Swift.print(String(decoding: data, as: UTF8.self))
    }

    private struct Result: Encodable {
        let files: Int
        let bytes: Int
        let output: String
    }
}
