// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import ModelClient
import RATLS

/// What a client of a model server trusts and shows.
struct ClientSecurityOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The CA that the server's certificate comes from, PEM.", valueName: "file"))
    var ca: String?

    @Option(help: ArgumentHelp("The client's certificate, PEM.", valueName: "file"))
    var certificate: String?

    @Option(name: .customLong("private-key"), help: ArgumentHelp("The client's private key, PEM.", valueName: "file"))
    var privateKey: String?

    @Option(name: .customLong("server-name"), help: ArgumentHelp("The name in the server's certificate (default: the host).", valueName: "name"))
    var serverName: String?

    @Flag(help: "Use TLS with the CAs that the system trusts.")
    var tls = false

    /// Reads the files; `nil` when no option asks for TLS.
    func read() throws -> ModelClientConfiguration.Security? {
        guard self.tls || self.ca != nil || self.certificate != nil || self.privateKey != nil || self.serverName != nil else { return nil }
        var security = ModelClientConfiguration.Security()
        security.certificateAuthorities = try Self.read(self.ca)
        security.certificate = try Self.read(self.certificate)
        security.privateKey = try Self.read(self.privateKey)
        security.serverName = self.serverName
        return security
    }

    private static func read(_ path: String?) throws -> [UInt8]? {
        try path.map { try InputFile.readAll($0, limit: PEMDocument.sizeLimit) }
    }
}
