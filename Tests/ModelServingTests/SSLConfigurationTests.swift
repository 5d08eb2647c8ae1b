// SPDX-License-Identifier: Apache-2.0

import ModelServing
import Testing

@Suite("ssl.cfg")
struct SSLConfigurationTests {
    static let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    static let certificate = "-----BEGIN CERTIFICATE-----\nBBBB\n-----END CERTIFICATE-----\n"

    @Test("what is written is read back")
    func roundTrip() throws {
        let written = SSLConfiguration(serverKey: Self.key, serverCertificate: Self.certificate, customCA: Self.certificate, clientVerify: true)
        #expect(try SSLConfiguration(textFormat: written.textFormat) == written)
        #expect(written.textFormat.hasPrefix("server_key: \"-----BEGIN PRIVATE KEY-----\\nAAAA\\n"))
    }

    @Test(
        "every form of the text format that files in the wild use is read",
        arguments: [
            "server_key: 'K'\nserver_cert: \"C\"\ncustom_ca: 'A'\nclient_verify: true\n",
            "server_key: \"K\", server_cert: \"C\"; custom_ca: \"A\" client_verify: True # mutual",
            "client_verify: 1 custom_ca: 'A' server_cert: 'C' server_key: 'K'",
            "server_key: '' 'K'\nserver_cert: 'C'\ncustom_ca: '\\x41'\nclient_verify: t",
        ])
    func forms(text: String) throws {
        #expect(
            try SSLConfiguration(textFormat: text)
                == SSLConfiguration(serverKey: "K", serverCertificate: "C", customCA: "A", clientVerify: true))
    }

    @Test("without client_verify no CA is needed")
    func oneWay() throws {
        let read = try SSLConfiguration(textFormat: "server_key: 'K' server_cert: 'C'")
        #expect(!read.clientVerify)
        #expect(read.customCA.isEmpty)
    }

    @Test(
        "a wrong text is refused, and the message tells nothing of the key",
        arguments: [
            "server_key: 'SECRET' server_cert: 'C' unknown: 1",
            "server_key: 'SECRET",
            "server_key: 'SECRET\nSECRET' server_cert: 'C'",
            "server_key: 'SECRET' server_key2: 'C'",
            "SECRET",
            "",
            "server_key: 'SECRET'",
            "server_cert: 'SECRET'",
            "server_key: 'SECRET' server_cert: 'C' client_verify: true",
            "server_key: 'SECRET' server_cert: 'C' client_verify: maybe",
        ])
    func refused(text: String) {
        let error = #expect(throws: ServingError.self) { try SSLConfiguration(textFormat: text) }
        #expect(error?.code == .badSSLConfiguration)
        #expect(error?.message.contains("SECRET") == false)
    }

    @Test("printing it shows no field")
    func redacted() {
        let configuration = SSLConfiguration(serverKey: Self.key, serverCertificate: "", customCA: "", clientVerify: false)
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!"\(configuration)\(String(reflecting: configuration))\(dumped)".contains("AAAA"))
    }
}
