// SPDX-License-Identifier: Apache-2.0

/// What a client of gRPC sends, byte by byte: all of it ASCII, so that a ``RawConnection`` can send it.
enum RawHTTP2 {
    static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    /// SETTINGS without any.
    static let settings = "\0\0\0\u{4}\0\0\0\0\0"

    static let ping = "\0\0\u{8}\u{6}\0\0\0\0\0\(Self.pingWords)"
    static let pingAcknowledged = "\0\0\u{8}\u{6}\u{1}\0\0\0\0\(Self.pingWords)"
    private static let pingWords = "is there"

    /// The head of a call on stream 1, whose message is still to come.
    static func call(_ path: String, _ fields: [(String, String)] = []) -> String {
        // Literals (RFC 7541, section 6.2.2), those of :path, :method and :scheme with the names of the static table.
        let block = "\u{4}\(Self.string(path))\u{2}\(Self.string("POST"))\u{6}\(Self.string("http"))"
        let others = [("content-type", "application/grpc"), ("te", "trailers")] + fields
        return Self.frame(type: 1, flags: 4, block + others.map { "\0\(Self.string($0))\(Self.string($1))" }.joined())
    }

    /// A part of what the call on stream 1 has to say.
    static func data(_ bytes: String, isLast: Bool = false) -> String { Self.frame(type: 0, flags: isLast ? 1 : 0, bytes) }

    /// The head of a frame of stream 1.
    static func head(type: UInt8, flags: UInt8) -> String { "\(Self.byte(Int(type)))\(Self.byte(Int(flags)))\0\0\0\u{1}" }

    private static func frame(type: UInt8, flags: UInt8, _ payload: String) -> String {
        "\0\0\(Self.byte(payload.utf8.count))\(Self.head(type: type, flags: flags))\(payload)"
    }

    private static func string(_ text: String) -> String { "\(Self.byte(text.utf8.count))\(text)" }

    private static func byte(_ value: Int) -> Character {
        precondition(value < 0x80, "no ASCII")
        return Character(UnicodeScalar(UInt8(value)))
    }
}
