// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import NIOPosix
import ProtectedFiles
import SavedModels
import SecretProvisioning
import TensorFlowProtos
import TensorFlowRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Loads versions of models into TensorFlow, from plain folders or sealed ones, and warms them up.
struct ModelLoader: ModelLoading {
    let library: TensorFlowLibrary
    let session: SessionOptions
    /// The tags of the meta graph.
    var tags = SavedModel.servingTags
    /// Where the key of sealed files comes from; without it only plain files are served, with it only sealed ones.
    let keys: WrapKeys?
    let sealed: SealedModels
    let batching: BatchingSetup?
    let warmUp: WarmUp.Options?
    let admission: Admission
    let metrics: ServingMetrics
    /// Whether the files' pages are given back to the system after a load.
    var flushesFileCaches = false
    /// Told what is odd about a version and no reason not to serve it.
    var log: @Sendable (String) -> Void = { _ in }

    /// Loads a version; its files' plaintext and its key are in this process's memory only.
    func load(_ model: ServedModel, _ version: ServableFolder.Version) async throws -> LoadedModel {
        let start = ContinuousClock.now
        defer { self.flushFileCaches(version) }
        do {
            let loaded = try await self.loadAndWarmUp(model, version)
            self.metrics.loadAttempts.add(1, version.path, "success")
            self.metrics.loadLatency.add(Int64((ContinuousClock.now - start) / .microseconds(1)), version.path)
            return loaded
        } catch {
            self.metrics.loadAttempts.add(1, version.path, "fail")
            throw error
        }
    }

    private func flushFileCaches(_ version: ServableFolder.Version) {
        guard self.flushesFileCaches else { return }
        // Nobody waits for it: it takes as long as the files are large, and what fails in it does not matter.
        NIOThreadPool.singleton.submit { _ in FileCaches.flush(version.path) }
    }

    private func loadAndWarmUp(_ model: ServedModel, _ version: ServableFolder.Version) async throws -> LoadedModel {
        let sealing = try await Self.blocking { try Self.look(at: version.path) }
        switch (sealing, self.keys) {
        case (.plain, nil): return try await self.loadPlain(model, version)
        case (.sealed, let keys?): return try await self.loadSealed(model, version, try keys.ring(of: model.name))
        case (.sealed, nil):
            throw ServingError(
                .keyNeeded, "\(version.path) is sealed, and there is no key to open it",
                remedy: "name the key broker with --broker and --broker-ca, or a key file with --wrap-key-file for development")
        case (.plain, _?):
            throw ServingError(
                .notSealed, "\(version.path) is not sealed, although this server was told to serve sealed files",
                remedy: "seal the model (sealwright seal), or leave --broker and --wrap-key-file out to serve plain files")
        }
    }

    private func loadPlain(_ model: ServedModel, _ version: ServableFolder.Version) async throws -> LoadedModel {
        let folder = SavedModelFolder(path: version.path)
        let description = try await Self.blocking { try self.reading { try folder.read(tags: self.tags) } }
        let files = VersionFiles(folder: version.path)
        let options = try await self.sessionOptions(version, files)
        let session = try await Session(library: self.library, savedModelDirectory: version.path, tags: self.tags, options: options)
        return try await self.finish(model, version, description, session, files)
    }

    private func loadSealed(_ model: ServedModel, _ version: ServableFolder.Version, _ keys: KeyRing) async throws -> LoadedModel {
        let pin = try await Self.blocking { try self.sealed.pin(model, version) }
        let loan = try await keys.borrow(for: pin.manifest.flatMap { ModelDigest($0.digest.bytes) })
        let (mount, description) = try await Self.blocking {
            try loan.keys.open(version.path, log: self.log) { try self.mount(version, pin, $0) }
        }
        // The mount forgets the key, and the loan ends with this function.
        defer { mount.unmount() }
        let files = VersionFiles(mount: mount)
        let options = try await self.sessionOptions(version, files)
        let session = try await Session(library: self.library, sealed: mount, tags: self.tags, options: options)
        return try await self.finish(model, version, description, session, files)
    }

    /// Mounts a sealed version and reads its description, which tells whether the key fits.
    private func mount(_ version: ServableFolder.Version, _ pin: SealedModels.Pin, _ key: WrapKey) throws -> (SealedMount, SavedModel) {
        let mount = try SealedFileSystem.mount(
            folder: version.path, key: key, mountPath: pin.mountPath, manifest: pin.manifest, library: self.library)
        do {
            let bytes = try mount.read(SavedModelFolder.modelFileName)
            return (mount, try self.reading { try SavedModel(decoding: bytes, tags: self.tags) })
        } catch {
            mount.unmount()
            throw error
        }
    }

    /// The server's options, and over them what the version asks for itself.
    private func sessionOptions(_ version: ServableFolder.Version, _ files: VersionFiles) async throws -> SessionOptions {
        var options = self.session
        guard let bytes = try await files.read(SavedModelConfig.fileName) else { return options }
        do throws(WireError) {
            let config = try SavedModelConfig(decoding: bytes)
            if config.asksForRewriters {
                self.log("WARNING: \(version.path)/\(SavedModelConfig.fileName) asks for graph rewriters that TensorFlow's library does not have")
            }
            config.apply(to: &options)
        } catch {
            self.log("WARNING: \(version.path)/\(SavedModelConfig.fileName) is passed over: it is no SavedModelConfig: \(error)")
        }
        return options
    }

    /// Puts batching before the session and warms the version up.
    private func finish(
        _ model: ServedModel, _ version: ServableFolder.Version, _ description: SavedModel, _ session: Session, _ files: VersionFiles
    ) async throws -> LoadedModel {
        var runner: any ModelRunning = session
        do {
            if let batched = try await self.batching?.runner(before: session, of: model.name, files) { runner = batched }
            let loaded = LoadedModel(
                name: model.name, version: version.number, signatures: description.signatureDefinitions, resources: ModelResources(runner: runner),
                admission: self.admission, metrics: self.metrics)
            try await self.warmUp?.run(loaded, files, path: version.path, metrics: self.metrics)
            try await Self.blocking { ProcessSettings.returnFreeMemory() }
            return loaded
        } catch {
            await runner.close()
            throw error
        }
    }

    /// Reads a model's description; tags that it does not have are told in TensorFlow's own words.
    private func reading(_ body: () throws -> SavedModel) throws -> SavedModel {
        do {
            return try body()
        } catch let error as SavedModelError where error.code == .noSuchTags {
            let tags = self.tags.sorted().joined(separator: " ")
            throw ServingError(
                .noSuchTags, "Could not find meta graph def matching supplied tags: { \(tags) }. \(error.message)", remedy: error.remedy)
        }
    }

    /// Whether the files are sealed; a folder without a model is told in TensorFlow's own words.
    private static func look(at folder: String) throws -> Sealing {
        let manager = FileManager.default
        guard SavedModelFolder(path: folder).isModel else {
            if manager.fileExists(atPath: "\(folder)/export.meta") {
                throw RequestError(.unimplemented, "Session Bundle is deprecated and removed.")
            }
            throw ServingError(
                .noSavedModel,
                "Specified file path does not appear to contain a SavedModel bundle (should have a file called `saved_model.pb`)\n"
                    + "Specified file path: \(folder)", remedy: "a version is a folder with a saved_model.pb in it")
        }
        return try Sealing.ofFolder(folder)
    }

    /// Does what reads files on a thread that may block.
    static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}
