// SPDX-License-Identifier: Apache-2.0

package import ByteCoding

/// Why a server cannot start or a model cannot be served.
///
/// What goes wrong with one request is a ``RequestError`` instead.
public struct ServingError: Error, Hashable, Sendable {
    /// What kind of failure it was.
    public struct Code: Hashable, Sendable {
        package let identifier: String
        package let exitStatus: ExitStatus

        /// ssl.cfg cannot be read, or what it holds cannot be used.
        public static let badSSLConfiguration = Code("bad-ssl-configuration", .configuration)
        /// The model's folder is not there.
        public static let missingModelFolder = Code("missing-model-folder", .noInput)
        /// The model's folder holds no version.
        public static let noModelVersions = Code("no-model-versions", .noInput)
        /// A version's folder holds no SavedModel that can be served.
        public static let badSavedModel = Code("bad-saved-model", .badData)
        /// No meta graph of a SavedModel carries the tags asked for.
        public static let noSuchTags = Code("no-such-tags", .badData)
        /// The version's folder holds no SavedModel at all.
        public static let noSavedModel = Code("no-saved-model", .noInput)
        /// Some files are sealed and others are not.
        public static let mixedSealing = Code("mixed-sealing", .badData)
        /// Files are plain although a key to open them was given.
        public static let notSealed = Code("not-sealed", .badData)
        /// Files are sealed and there is no key to open them.
        public static let keyNeeded = Code("key-needed", .usage)
        /// A sealed model has no manifest, although its state was asked for.
        public static let noManifest = Code("no-manifest", .noInput)
        /// A sealed model is in another state than the one asked for.
        public static let manifestRefused = Code("manifest-refused", .refused)
        /// A sealed model would be served without TLS.
        public static let plaintextRefused = Code("plaintext-refused", .configuration)
        /// What the key broker released is not a wrap key.
        public static let badKey = Code("bad-key", .badData)
        /// No released version of the key opens a sealed file.
        public static let noKeyFits = Code("no-key-fits", .badData)
        /// A configuration file is not what its message type says.
        public static let badConfigurationFile = Code("bad-configuration-file", .configuration)
        /// What connections of gRPC shall be held to cannot be understood.
        public static let badChannelArguments = Code("bad-channel-arguments", .usage)
        /// The configuration of the models cannot be followed.
        public static let badModelConfiguration = Code("bad-model-configuration", .configuration)
        /// A model that was to be served at the start could not be loaded.
        public static let modelNotLoaded = Code("model-not-loaded", .badData)
        /// The address is taken by another program.
        public static let addressInUse = Code("port-taken", .unavailable)
        /// The server cannot listen where it was told to.
        public static let cannotListen = Code("cannot-listen", .unavailable)

        private init(_ identifier: String, _ exitStatus: ExitStatus) {
            self.identifier = identifier
            self.exitStatus = exitStatus
        }
    }

    /// What kind of failure it was.
    public let code: Code
    /// What was wrong and where.
    public let message: String
    /// What can be done about it, where that is known.
    public let remedy: String?

    package init(_ code: Code, _ message: String, remedy: String? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
    }
}

extension ServingError: DiagnosableError {
    package var identifier: String { self.code.identifier }
    package var exitStatus: ExitStatus { self.code.exitStatus }
}
