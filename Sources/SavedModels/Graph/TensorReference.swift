// SPDX-License-Identifier: Apache-2.0

/// How a node's input, or a user, names a tensor: `node`, `node:port`, and for inputs `^node`.
struct TensorReference: Hashable {
    /// The highest port that can be named; a larger number is no port of any operation.
    static let maximumPort = Int(Int32.max)

    /// Name of the node that makes the tensor, as bytes.
    let node: ArraySlice<UInt8>
    /// Which of its outputs; `nil` for a control input, which waits for the node and takes nothing from it.
    let port: Int?

    /// Takes a reference apart as TensorFlow does: digits after the last colon are a port, anything else belongs to the name.
    init(_ text: ArraySlice<UInt8>) {
        if text.first == UInt8(ascii: "^") {
            self.node = text.dropFirst()
            self.port = nil
            return
        }
        let digits = text.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        let colon = text.endIndex - digits - 1
        guard digits > 0, colon > text.startIndex, text[colon] == UInt8(ascii: ":") else {
            self.node = text
            self.port = 0
            return
        }
        self.node = text[..<colon]
        self.port = text[(colon + 1)...].reduce(0) { min(Self.maximumPort, $0 * 10 + Int($1 - UInt8(ascii: "0"))) }
    }

    /// Whether `name` may be a node's: `[A-Za-z0-9.][A-Za-z0-9_./-]*`, several such parts joined by `>`.
    static func isNodeName(_ name: ArraySlice<UInt8>) -> Bool {
        var atStart = true
        for byte in name {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "."):
                atStart = false
            case UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "-"):
                if atStart { return false }
            case UInt8(ascii: ">"):
                if atStart { return false }
                atStart = true
            default: return false
            }
        }
        return !atStart
    }
}
