// SPDX-License-Identifier: Apache-2.0

public import ProtectedFiles
public import TensorFlowRuntime

/// What a server is started with.
public struct ServingOptions: Sendable {
    /// The name under which clients ask for the model.
    public var modelName: String
    /// The folder that holds the model's versions.
    public var modelBasePath: String
    /// The path that the model's folder was sealed for; `nil` for ``modelBasePath`` as it is given.
    public var mountPath: String?
    /// The digest of the manifest whose files the model's folder must hold; `nil` for any that were sealed under the key.
    public var manifestDigest: ManifestDigest?
    /// ssl.cfg; `nil` to serve without TLS.
    public var sslConfigurationFile: String?
    /// The path that ssl.cfg was sealed for; `nil` for ``sslConfigurationFile`` as it is given.
    public var sslMountPath: String?
    /// Whether a sealed model may be served without TLS, its requests and answers readable on the way.
    public var allowsPlaintext = false
    /// The address to listen on.
    public var address = "0.0.0.0"
    /// The port to listen on; 0 for one that the system chooses.
    public var port = ModelServer.Configuration.defaultPort
    /// Where the key for sealed files comes from; `nil` to serve plain ones.
    public var keySource: WrapKeySource?
    /// How sessions compute.
    public var session = SessionOptions()
    /// TensorFlow's library; `nil` to look where it usually is.
    public var tensorFlowLibrary: String?

    /// Serves a model over plain files until more is set.
    public init(modelName: String, modelBasePath: String) {
        self.modelName = modelName
        self.modelBasePath = modelBasePath
    }
}
