// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles

/// The server's TLS material: read at the start, and again when its file has changed.
extension ServingService {
    /// Reads ssl.cfg, waiting for its key for as long as it takes where it is sealed.
    ///
    /// The key is then kept for the models.
    func obtainSecurity(_ keys: KeyRing?) async throws -> SSLConfiguration? {
        guard let file = self.start.sslFile else { return nil }
        guard let keys else { return try file.read() }
        var retries = VersionPlan.Retries().backOff
        while true {
            do {
                let loan = try await keys.borrow()
                let security = try self.open(file, with: loan)
                self.repository.setObstacle(Self.closed)
                keys.keep(loan)
                return security
            } catch let error as WaitingForKey where !self.start.options.endsOnFailure {
                let failure = RequestError(describingLoad: error.reason)
                self.repository.setObstacle(failure)
                self.start.log("WARNING: \(file.path) cannot be opened yet, next try in \(retries): \(failure.message)")
                try await self.clock.sleep(for: retries)
                retries = min(retries * 2, VersionPlan.Retries().longestBackOff)
            } catch let error as WaitingForKey {
                throw error.reason
            }
        }
    }

    static let securityPollInterval = Duration.seconds(10)

    /// Reads ssl.cfg again when it has changed; what cannot be used leaves the old material in place.
    func followSecurity(of server: ModelServer, _ keys: KeyRing?, _ looks: AsyncStream<Void>) async throws {
        guard let file = self.start.sslFile else { return }
        var stamp = FileStamp(path: file.path)
        var told: (stamp: FileStamp, failure: String)?
        for await _ in looks {
            let now = FileStamp(path: file.path)
            guard now != stamp else { continue }
            do {
                let new = try SSLConfigurationFile(path: file.path)
                guard new.sealing == file.sealing else {
                    throw ServingError(
                        .mixedSealing, "\(file.path) was \(file.sealing) and is \(new.sealing)", remedy: "put back a file of the same kind")
                }
                let security = try await self.read(new, keys)
                try server.replaceSecurity(with: security)
                stamp = now
                self.start.log("took new TLS material from \(file.path); clients need \(security.clientVerify ? "a" : "no") certificate")
            } catch {
                let failure = RequestError(describingLoad: (error as? WaitingForKey)?.reason ?? error)
                // What is tried again and again is told once.
                if told?.stamp != now || told?.failure != failure.message {
                    self.start.log("ERROR: \(file.path) has changed and cannot be used: \(failure.message)")
                }
                told = (now, failure.message)
                if !Self.mayOpenLater(error) { stamp = now }
            }
        }
    }

    /// Whether the same file is worth another try: its key was not to be had, or is a version that is not released yet.
    private static func mayOpenLater(_ error: any Error) -> Bool {
        switch error {
        case is WaitingForKey: true
        case let error as ServingError: error.code == .noKeyFits
        case let error as ProtectedFileError: error.code == .metadataAuthentication
        default: false
        }
    }

    private func read(_ file: SSLConfigurationFile, _ keys: KeyRing?) async throws -> SSLConfiguration {
        guard let keys else { return try file.read() }
        return try self.open(file, with: try await keys.borrow())
    }

    private func open(_ file: SSLConfigurationFile, with loan: KeyRing.Loan) throws -> SSLConfiguration {
        try loan.keys.open(file.path, log: self.start.log) {
            try file.open(with: $0, mountPath: self.start.options.sslMountPath ?? file.path)
        }
    }
}
