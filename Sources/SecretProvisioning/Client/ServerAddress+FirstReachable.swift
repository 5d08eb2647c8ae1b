// SPDX-License-Identifier: Apache-2.0

extension [ServerAddress] {
    /// Asks one server after the other until one can be reached; what that one answers counts, be it a refusal.
    ///
    /// * `port`: what to check when none can be reached.
    /// * `ask`: throws ``SecretProvisioningError/Code-swift.struct/unreachable`` for a server to pass over.
    func firstReachable<Answer>(port: String, _ ask: (ServerAddress) async throws -> Answer) async throws -> Answer {
        var failures: [String] = []
        for server in self {
            do {
                return try await ask(server)
            } catch let error as SecretProvisioningError where error.code == .unreachable {
                failures.append(error.message)
            }
        }
        throw SecretProvisioningError(
            .unreachable, "no key broker can be reached (\(failures.joined(separator: "; ")))",
            remedy: "check that the broker runs (sealwright broker serve), its address and \(port), and the firewall on the way")
    }
}
