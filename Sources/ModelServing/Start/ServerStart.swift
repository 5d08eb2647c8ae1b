// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import SwiftProtobuf
import TensorFlowProtos
import TensorFlowRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The way from options to a server: everything that can be told without a key, a network or TensorFlow is told here.
public struct ServerStart: Sendable {
    let options: ServingOptions
    let models: ModelConfiguration
    let sslFile: SSLConfigurationFile?
    let session: SessionOptions
    let batching: BatchingParameters?
    let monitoring: MonitoringPage?
    let log: @Sendable (String) -> Void

    static let processors = ProcessInfo.processInfo.activeProcessorCount

    /// Reads the files that the options name.
    ///
    /// - Parameters:
    ///   - options: what to serve, and how.
    ///   - log: told each step, for people.
    /// - Throws: ``ServingError`` for files that cannot be used and options that do not fit together, or the failure to read a file.
    public init(_ options: ServingOptions, log: @escaping @Sendable (String) -> Void) throws {
        self.options = options
        self.log = log
        switch options.models {
        case .single(let name, let basePath): self.models = try ModelConfiguration(name: name, basePath: basePath)
        case .listed(let file): self.models = try ModelConfiguration(contentsOfFile: file)
        }
        self.sslFile = try options.sslConfigurationFile.map { try SSLConfigurationFile(path: $0) }
        self.session = try Self.session(options)
        self.batching = try Self.batching(options)
        self.monitoring = try options.monitoringFile.map { try MonitoringPage(contentsOfFile: $0) }
        try self.checkSealing()
        // No error: a list that is read again may name them.
        for name in options.modelKeySources.keys.sorted() where !self.models.models.contains(where: { $0.name == name }) {
            log("WARNING: there is a key for the model \(name), and no model of that name is to be served; look at the name")
        }
    }

    /// Makes the server, which tells `events` what becomes of it; nothing is opened yet.
    public func makeService(_ events: ServingService.Events = .init()) -> ServingService { ServingService(self, events) }

    private func checkSealing() throws(ServingError) {
        guard self.options.keySource != nil || self.sslFile?.sealing != .sealed else {
            throw ServingError(
                .keyNeeded, "\(self.sslFile?.path ?? "") is sealed, and there is no key to open it",
                remedy: self.options.servesSealed
                    ? "models have keys of their own here: name the one of ssl.cfg with --secret, or --wrap-key-file for development"
                    : "name the key broker with --broker and --broker-ca, or a key file with --wrap-key-file for development")
        }
        guard self.options.servesSealed else { return }
        guard let sslFile = self.sslFile else {
            guard self.options.allowsPlaintext else {
                throw ServingError(
                    .plaintextRefused, "sealed models are to be served, and without ssl.cfg their requests and answers would travel unencrypted",
                    remedy: "give --ssl_config_file (sealwright tls issue makes one), or --allow-plaintext for development")
            }
            return
        }
        guard sslFile.sealing == .sealed else {
            throw ServingError(
                .mixedSealing, "sealed models are to be served, and \(sslFile.path) is not sealed",
                remedy: "seal it under the models' key; someone may have replaced the file")
        }
    }

    /// The user's ConfigProto first: the thread options overwrite its fields, also with zero, as in TensorFlow Serving.
    private static func session(_ options: ServingOptions) throws -> SessionOptions {
        guard let file = options.sessionConfigurationFile else { return options.session }
        var config = try TextFormatFile.read(file, as: Tensorflow_ConfigProto.self)
        config.intraOpParallelismThreads = Int32(clamping: options.session.intraOperationThreads)
        config.interOpParallelismThreads = Int32(clamping: options.session.interOperationThreads)
        var session = options.session
        session.configuration = try config.serializedBytes()
        return session
    }

    private static func batching(_ options: ServingOptions) throws -> BatchingParameters? {
        guard options.enablesBatching else {
            guard options.batchingFile == nil else {
                throw ServingError(
                    .badConfigurationFile,
                    "server_options.batching_parameters_file is set without setting server_options.enable_batching to true.",
                    remedy: "add --enable_batching, or leave --batching_parameters_file out")
            }
            return nil
        }
        let proto = try options.batchingFile.map { try TextFormatFile.read($0, as: Tensorflow_Serving_BatchingParameters.self) }
        do {
            return try BatchingParameters(proto ?? .init(), processors: Self.processors)
        } catch {
            throw ServingError(.badConfigurationFile, error.message, remedy: "mend \(options.batchingFile ?? "the batching parameters")")
        }
    }
}
