// SPDX-License-Identifier: Apache-2.0

/// The keys of sealed files: of each model its own where it has one, else the one of ssl.cfg and of all others.
struct WrapKeys: Sendable {
    /// The key of ssl.cfg and of models without one of their own.
    let shared: KeyRing?
    private let models: [String: KeyRing]
    /// Whether the keys are in files, not with a key broker.
    private let areFiles: Bool

    /// - Returns: `nil` where there is no key at all, and so only plain files are served.
    init?(_ options: ServingOptions, log: @escaping @Sendable (String) -> Void) {
        guard options.servesSealed else { return nil }
        self.shared = options.keySource.map { KeyRing($0, log: log) }
        self.models = options.modelKeySources.mapValues { KeyRing($0, log: log) }
        self.areFiles = options.modelKeySources.values.allSatisfy(\.isFile)
    }

    /// The key of a model's files.
    ///
    /// - Throws: ``ServingError/Code/keyNeeded`` for a model without one: where there are keys nothing plain is served in a sealed model's place.
    func ring(of model: String) throws(ServingError) -> KeyRing {
        guard let ring = self.models[model] ?? self.shared else {
            throw ServingError(
                .keyNeeded, "there is no key for the model \(model)",
                remedy: self.areFiles
                    ? "name its file with --model-key-file \(model)=FILE, or one for all models with --wrap-key-file"
                    : "name it with --model-secret \(model)=SECRET, or a key for all models with --secret")
        }
        return ring
    }
}
