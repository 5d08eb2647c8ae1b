// SPDX-License-Identifier: Apache-2.0

/// A small JSON value, put together and then printed.
indirect enum JSONTree {
    case object([(name: String, value: JSONTree)])
    case list([JSONTree])
    case string([UInt8])
    /// A number, `true` or `false`, as it is to be printed.
    case literal(String)

    static func string(_ text: String) -> JSONTree { .string(Array(text.utf8)) }

    /// The text on several lines, each level indented by some blanks more than the one around it.
    func text(indentation: Int) -> [UInt8] {
        var writer = JSONWriter()
        self.write(to: &writer, indentation: indentation, level: 0)
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter, indentation: Int, level: Int) {
        func newLine(_ level: Int) {
            writer.write("\n")
            for _ in 0..<indentation * level { writer.write(" ") }
        }
        switch self {
        case .literal(let text): for byte in text.utf8 { writer.write(byte: byte) }
        case .string(let bytes): writer.write(string: bytes)
        case .object(let members):
            writer.write("{")
            for (index, member) in members.enumerated() {
                if index > 0 { writer.write(",") }
                newLine(level + 1)
                writer.write(string: member.name.utf8)
                writer.write(": ")
                member.value.write(to: &writer, indentation: indentation, level: level + 1)
            }
            if !members.isEmpty { newLine(level) }
            writer.write("}")
        case .list(let elements):
            writer.write("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { writer.write(",") }
                newLine(level + 1)
                element.write(to: &writer, indentation: indentation, level: level + 1)
            }
            if !elements.isEmpty { newLine(level) }
            writer.write("]")
        }
    }
}
