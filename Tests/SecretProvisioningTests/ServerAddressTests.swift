// SPDX-License-Identifier: Apache-2.0

import SecretProvisioning
import Testing

@Suite("Addresses of key brokers")
struct ServerAddressTests {
    @Test(
        "are read in all their forms",
        arguments: [
            ("broker.example.com:4433", "broker.example.com", 4433), ("localhost", "localhost", 4433), ("[::1]:99", "::1", 99),
            ("[::1]", "::1", 4433),
            ("10.0.0.1:1", "10.0.0.1", 1),
        ])
    func forms(text: String, host: String, port: Int) throws {
        #expect(try ServerAddress(text) == ServerAddress(host: host, port: port))
    }

    @Test("come in lists with Gramine's separators")
    func list() throws {
        #expect(try ServerAddress.list("a:1,b:2;c d:4").map(\.description) == ["a:1", "b:2", "c:4433", "d:4"])
    }

    @Test("are refused when they cannot be one", arguments: ["", ":4433", "a:0", "a:65536", "a:b", "::1", "[::1", "[::1]x", "a:1:2"])
    func refused(text: String) {
        let error = #expect(throws: SecretProvisioningError.self) { try ServerAddress.list(text) }
        #expect(error?.code == .badServerAddress)
    }
}
