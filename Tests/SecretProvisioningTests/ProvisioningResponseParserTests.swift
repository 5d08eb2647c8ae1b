// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SecretProvisioning
import TestSupport
import Testing

@Suite("The response of secret provisioning")
struct ProvisioningResponseParserTests {
    static let secret: [UInt8] = Array(0x40..<0x50)
    static let response: [UInt8] = (try? ProvisioningResponse.header(secretCount: 16)).map { $0 + secret } ?? []

    @Test("its header is what Gramine's server sends", .enabled(if: SharedVectors.exist("ra-tls")))
    func vector() throws {
        #expect(try SharedVectors.read("ra-tls/response-header-16.bin") == ProvisioningResponse.header(secretCount: 16))
    }

    /// Feeds the pieces and returns the secret's bytes.
    private static func parse(_ pieces: [[UInt8]], limit: Int = 1024) throws -> [UInt8] {
        var parser = ProvisioningResponseParser(sizeLimit: limit)
        for piece in pieces { _ = try parser.receive(piece.span) }
        let secret = try parser.takeSecret()
        return secret.withBytes { [UInt8](copying: $0) }
    }

    @Test("it may arrive in two pieces, cut anywhere", arguments: 0...response.count)
    func split(position: Int) throws {
        let pieces = [Array(Self.response.prefix(position)), Array(Self.response.dropFirst(position))]
        #expect(try Self.parse(pieces) == Self.secret)
    }

    @Test("it may arrive byte by byte, and more may follow")
    func merged() throws {
        #expect(try Self.parse(Self.response.map { [$0] }) == Self.secret)
        #expect(try Self.parse([Self.response + [1, 2, 3]]) == Self.secret)
    }

    @Test("an end before the first byte is a refusal, one after it a broken answer", arguments: 0..<response.count)
    func truncation(length: Int) {
        let error = #expect(throws: SecretProvisioningError.self) { try Self.parse([Array(Self.response.prefix(length))]) }
        #expect(error?.code == (length == 0 ? .refused : .badResponse))
    }

    @Test("a wrong byte of the fixed text is refused", arguments: 0..<ProvisioningResponse.prefix.count)
    func wrongByte(position: Int) {
        var bytes = Self.response
        bytes[position] ^= 0x20
        let error = #expect(throws: SecretProvisioningError.self) { try Self.parse([bytes]) }
        #expect(error?.code == .badResponse)
    }

    @Test("sizes of nothing or beyond the limit are refused before anything is allocated", arguments: [0, 17, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff])
    func size(announced: Int) {
        var writer = ByteWriter()
        writer.write(ProvisioningResponse.prefix)
        writer.writeBigEndian(UInt32(announced))
        let bytes = writer.bytes
        let error = #expect(throws: SecretProvisioningError.self) { try Self.parse([bytes], limit: 16) }
        #expect(error?.code == .badSecretSize)
    }

    @Test("a secret of exactly the limit is taken")
    func limit() throws {
        #expect(try Self.parse([Self.response], limit: 16) == Self.secret)
    }

    @Test("an empty secret and one beyond the protocol have no header", arguments: [0, -1, ProvisioningResponse.largestSecret + 1])
    func header(count: Int) {
        let error = #expect(throws: SecretProvisioningError.self) { try ProvisioningResponse.header(secretCount: count) }
        #expect(error?.code == .badSecretSize)
    }
}
