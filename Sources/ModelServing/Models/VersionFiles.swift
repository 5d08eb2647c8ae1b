// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import TensorFlowRuntime

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files beside the graph in a version's folder, plain or sealed.
struct VersionFiles: Sendable {
    private enum Source: Sendable {
        case folder(String)
        case mount(SealedMount)
    }

    /// The largest of them that is read whole.
    private static let sizeLimit = 1 << 30

    private let source: Source

    init(folder: String) { self.source = .folder(folder) }
    init(mount: SealedMount) { self.source = .mount(mount) }

    /// Reads a file on a thread that may block; `nil` when it is not there.
    func read(_ relativePath: String) async throws -> [UInt8]? {
        try await ModelLoader.blocking {
            switch self.source {
            case .folder(let folder):
                let path = "\(folder)/\(relativePath)"
                guard FileManager.default.fileExists(atPath: path) else { return nil }
                return try InputFile.readAll(path, limit: Self.sizeLimit)
            case .mount(let mount):
                guard FileManager.default.fileExists(atPath: "\(mount.folder)/\(relativePath)") else { return nil }
                return try mount.read(relativePath)
            }
        }
    }
}
