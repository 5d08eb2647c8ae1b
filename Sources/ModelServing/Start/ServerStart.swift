// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import TensorFlowRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The way from options to a server that is ready to run: look, get the key, open, load.
///
/// What can be told without the key is told before it is asked for, and the key is gone when the server begins to listen.
public struct ServerStart: Sendable {
    private let options: ServingOptions
    private let version: ServableFolder.Version
    private let sslFile: SSLConfigurationFile?
    private let sealing: Sealing
    /// What the model's folder must hold, when that was told.
    private let manifest: ModelManifest?
    private let log: @Sendable (String) -> Void

    /// Looks at the files that the options name.
    ///
    /// - Parameters:
    ///   - options: what to serve, and how.
    ///   - log: told each step, for people.
    /// - Throws: ``ServingError`` when there is no model, when some files are sealed and some are not, when sealed ones come without a key
    ///   or without TLS, or plain ones with a key; `ProtectedFileError` when the model's folder is not in the state of the expected manifest.
    public init(_ options: ServingOptions, log: @escaping @Sendable (String) -> Void) throws {
        self.options = options
        self.log = log
        self.version = try ServableFolder(path: options.modelBasePath).latest()
        let sealing = try Sealing.ofFolder(self.version.path)
        self.sealing = sealing
        self.manifest = try options.manifestDigest.map { try Self.manifest(of: options.modelBasePath, sealing: sealing, expecting: $0) }
        self.sslFile = try options.sslConfigurationFile.map { try SSLConfigurationFile(path: $0) }
        if let sslFile = self.sslFile, sslFile.sealing != self.sealing {
            throw ServingError(
                .mixedSealing, "\(self.version.path) is \(self.sealing) and \(sslFile.path) is \(sslFile.sealing)",
                remedy: "seal both under one key, or neither; someone may have replaced a file")
        }
        if self.sealing == .sealed, options.keySource == nil {
            throw ServingError(
                .keyNeeded, "\(self.version.path) is sealed, and there is no key to open it",
                remedy: "name the key broker with --broker and --broker-ca, or a key file with --wrap-key-file for development")
        }
        if self.sealing == .sealed, self.sslFile == nil, !options.allowsPlaintext {
            throw ServingError(
                .plaintextRefused, "\(self.version.path) is sealed, and without ssl.cfg its requests and answers would travel unencrypted",
                remedy: "give --ssl_config_file (sealwright tls issue makes one), or --allow-plaintext for development")
        }
        if self.sealing == .plain, options.keySource != nil {
            throw ServingError(
                .notSealed, "\(self.version.path) is not sealed, although this server was told to serve sealed files",
                remedy: "seal the model (sealwright seal), or leave --broker and --wrap-key-file out to serve plain files")
        }
    }

    /// Gets the key if there is need, opens ssl.cfg, loads the model and makes the server.
    ///
    /// - Parameter onListening: told where the server listens once it does.
    /// - Returns: the server, its model loaded, not yet listening.
    /// - Throws: ``ServingError``, and what the key source, the sealed files and TensorFlow refuse with.
    public func makeServer(onListening: @escaping @Sendable (_ address: String, _ port: Int) -> Void) async throws -> ModelServer {
        // First, since nothing is asked of the broker where the model could not be run anyway.
        let library = try TensorFlowLibrary.load(path: self.options.tensorFlowLibrary)
        let key = try await self.obtainKey()
        let security = try self.readSSLConfiguration(with: key)
        if security == nil { self.log("WARNING: no --ssl_config_file: requests and answers travel unencrypted, and anyone may ask") }
        let repository = ModelRepository()
        let configuration = ModelServer.Configuration(address: self.options.address, port: self.options.port, security: security)
        let server = try ModelServer(configuration: configuration, repository: repository, onListening: onListening)
        let loader = ModelLoader(library: library, options: self.options.session)
        let clock = ContinuousClock()
        let duration = try await clock.measure {
            try await repository.load(self.options.modelName, version: self.version.number) {
                guard let key else { return try await loader.load(self.options.modelName, self.version) }
                return try await loader.load(
                    self.options.modelName, self.version, key: key, mountPath: "\(self.mountPath)/\(self.version.name)", manifest: self.manifest)
            }
        }
        let milliseconds = Int(duration / .milliseconds(1))
        self.log("loaded \(self.sealing) model \(self.options.modelName) version \(self.version.number) in \(milliseconds) ms")
        return server
    }

    /// Reads the manifest at the top of a sealed folder and compares both with what is expected.
    ///
    /// Nothing here is authenticated yet: each file is compared with the manifest again when it is opened.
    private static func manifest(of folder: String, sealing: Sealing, expecting digest: ManifestDigest) throws -> ModelManifest {
        guard sealing == .sealed else {
            throw ServingError(
                .notSealed, "\(folder) is not sealed, although this server was told to expect a sealed model's manifest",
                remedy: "seal the model (sealwright seal), or leave --manifest-digest out to serve plain files")
        }
        let manifest = try ModelManifest(contentsOfFile: "\(folder)/\(ModelManifest.fileName)")
        try manifest.require(digest)
        // Kubernetes mounts volumes through links.
        try manifest.check(folder: folder, followingLinks: true)
        return manifest
    }

    private var mountPath: String { self.options.mountPath ?? self.options.modelBasePath }

    private func obtainKey() async throws -> WrapKey? {
        guard let source = self.options.keySource else { return nil }
        let key = try await source.key()
        self.log("got the wrap key from \(source.name)")
        return key
    }

    private func readSSLConfiguration(with key: WrapKey?) throws -> SSLConfiguration? {
        guard let file = self.sslFile else { return nil }
        guard let key else { return try file.read() }
        return try file.open(with: key, mountPath: self.options.sslMountPath ?? file.path)
    }
}
