// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Finds the blocks of a PEM text, front to back.
struct PEMScanner {
    private static let begin = Array("-----BEGIN ".utf8)
    private static let end = Array("-----END ".utf8)
    private static let dashes = Array("-----".utf8)
    private static let longestLabel = 64

    private var rest: ArraySlice<UInt8>
    private let name: String

    init(text: ArraySlice<UInt8>, name: String) {
        self.rest = text
        self.name = name
    }

    /// The next block, or `nil` when only other text is left.
    mutating func next() throws(RATLSError) -> PEMDocument? {
        guard let start = self.rest.firstRange(of: Self.begin) else { return nil }
        self.rest = self.rest[start.upperBound...]
        let label = try self.readLabel()
        guard let end = self.rest.firstRange(of: Self.end + Array(label.utf8) + Self.dashes) else {
            throw self.error("has no end marker for \(label)", remedy: "the file may be cut short: copy it again, whole")
        }
        let body = self.rest[..<end.lowerBound]
        self.rest = self.rest[end.upperBound...]
        return PEMDocument(label: label, bytes: try self.decode(body, label: label))
    }

    private mutating func readLabel() throws(RATLSError) -> String {
        guard let end = self.rest.prefix(Self.longestLabel + Self.dashes.count).firstRange(of: Self.dashes) else {
            throw self.error("has a begin marker without an end", remedy: nil)
        }
        let label = self.rest[..<end.lowerBound]
        guard label.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw self.error("has a label that is not printable", remedy: nil) }
        self.rest = self.rest[end.upperBound...]
        return String(decoding: label, as: UTF8.self)
    }

    private func decode(_ body: ArraySlice<UInt8>, label: String) throws(RATLSError) -> [UInt8] {
        // White space is not part of the body wherever it stands.
        let characters = body.filter { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        guard !characters.isEmpty, let decoded = Data(base64Encoded: Data(characters)) else {
            let encrypted = body.firstRange(of: Array("ENCRYPTED".utf8)) != nil
            throw self.error(
                "has a \(label) block that is \(encrypted ? "encrypted" : "not base64")",
                remedy: encrypted
                    ? "decrypt it first: openssl pkey -in FILE -out FILE" : "make the file again; every character between the markers counts")
        }
        return [UInt8](decoded)
    }

    private func error(_ problem: String, remedy: String?) -> RATLSError {
        RATLSError(.badPEM, "\(self.name) \(problem)", remedy: remedy)
    }
}
