// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import SecretProvisioning
import TestSupport
import Testing

@Suite("The request of secret provisioning")
struct ProvisioningRequestParserTests {
    @Test("it is what Gramine's client sends", .enabled(if: SharedVectors.exist("ra-tls")))
    func vector() throws {
        #expect(try SharedVectors.read("ra-tls/request.bin") == ProvisioningRequest.bytes)
    }

    @Test("it may arrive in two pieces, cut anywhere", arguments: 0...ProvisioningRequest.bytes.count)
    func split(position: Int) throws {
        let first = Array(ProvisioningRequest.bytes.prefix(position))
        let second = Array(ProvisioningRequest.bytes.dropFirst(position))
        var parser = ProvisioningRequestParser()
        #expect(try parser.receive(first.span) == (second.isEmpty ? .complete : .incomplete))
        #expect(try parser.receive(second.span) == .complete)
        try parser.finish()
    }

    @Test("bytes after it are none of the parser's business")
    func dialogue() throws {
        var parser = ProvisioningRequestParser()
        let bytes = ProvisioningRequest.bytes + Array("more".utf8)
        #expect(try parser.receive(bytes.span) == .complete)
    }

    @Test("a wrong byte is refused at once, wherever it is", arguments: 0..<ProvisioningRequest.bytes.count)
    func wrongByte(position: Int) {
        var bytes = Array(ProvisioningRequest.bytes.prefix(position + 1))
        bytes[position] ^= 1
        var parser = ProvisioningRequestParser()
        let error = #expect(throws: SecretProvisioningError.self) { try parser.receive(bytes.span) }
        #expect(error?.code == .badRequest)
    }

    @Test("an end before the end is refused", arguments: 0..<ProvisioningRequest.bytes.count)
    func truncation(length: Int) throws {
        let bytes = Array(ProvisioningRequest.bytes.prefix(length))
        var parser = ProvisioningRequestParser()
        #expect(try parser.receive(bytes.span) == .incomplete)
        let error = #expect(throws: SecretProvisioningError.self) { try parser.finish() }
        #expect(error?.code == .badRequest)
    }
}
