// SPDX-License-Identifier: Apache-2.0

/// Host and port of a key broker.
public struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// The port of Gramine's secret provisioning service.
    public static let defaultPort = 4433

    /// A host name or an IP address, without brackets.
    public let host: String
    /// The TCP port.
    public let port: Int

    /// Makes an address from its parts.
    public init(host: String, port: Int = ServerAddress.defaultPort) {
        self.host = host
        self.port = port
    }

    /// Reads `host`, `host:port` or `[IPv6 address]:port`.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badServerAddress``.
    public init(_ text: some StringProtocol) throws(SecretProvisioningError) {
        let (host, port) = try Self.split(Substring(text))
        guard !host.isEmpty, let number = port.isEmpty ? Self.defaultPort : Int(port), (1...65535).contains(number) else { throw Self.error(text) }
        self.init(host: String(host), port: number)
    }

    /// Reads a list as `SECRET_PROVISION_SERVERS` of Gramine holds it: addresses separated by commas, semicolons or spaces.
    ///
    /// - Throws: ``SecretProvisioningError/Code-swift.struct/badServerAddress``, also for an empty list.
    public static func list(_ text: String) throws(SecretProvisioningError) -> [ServerAddress] {
        var servers: [ServerAddress] = []
        for part in text.split(whereSeparator: { ",; ".contains($0) }) { servers.append(try ServerAddress(part)) }
        guard !servers.isEmpty else { throw Self.error(text) }
        return servers
    }

    /// The address as it is written in a list.
    public var description: String { self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)" }

    private static func split(_ text: Substring) throws(SecretProvisioningError) -> (host: Substring, port: Substring) {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw Self.error(text) }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { throw Self.error(text) }
            return (text[..<end].dropFirst(), rest.dropFirst())
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Self.error(text) }
        return (parts[0], parts.count == 2 ? parts[1] : "")
    }

    private static func error(_ text: some StringProtocol) -> SecretProvisioningError {
        SecretProvisioningError(.badServerAddress, "`\(text)` is no server address", remedy: "write host:port, as in broker.example.com:4433")
    }
}
