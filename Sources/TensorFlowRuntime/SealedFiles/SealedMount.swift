// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import ProtectedFiles
internal import Synchronization

/// A sealed folder that TensorFlow can read under a `sealed://` URL as long as it is mounted.
///
/// Every byte that is read was authenticated under the key first, and every file must have been sealed for the place where
/// it lies: a file swapped for another one of the same key is refused. With a manifest each file must also be in the very state that the
/// manifest tells: an older file in the place of a newer one is refused too.
public final class SealedMount: Sendable {
    private struct Contents: Sendable {
        let key: WrapKey
        let manifest: ModelManifest?
        /// Readers by relative path: TensorFlow opens the same file hundreds of times, and each keeps its keys and opened nodes.
        var readers: [String: ProtectedFileReader] = [:]
    }

    /// The folder on disk, an absolute path.
    public let folder: String
    /// The path under which the folder was sealed: the embedded path of each file begins with it.
    public let mountPath: String
    /// The folder's address for TensorFlow, such as `sealed:///1/models/resnet50/1`.
    public let url: String

    /// The first part of the path in ``url``, which tells mounts of the same folder apart.
    let number: UInt64
    private let contents: Mutex<Contents?>
    private let firstFailure = Mutex<(any Error)?>(nil)

    init(number: UInt64, folder: String, mountPath: String, key: WrapKey, manifest: ModelManifest?) {
        self.number = number
        self.folder = folder
        self.mountPath = mountPath
        self.url = "sealed:///\(number)\(folder)"
        self.contents = Mutex(Contents(key: key, manifest: manifest))
    }

    /// Forgets the key and all opened files; a file that TensorFlow still holds open can be read to its end.
    ///
    /// TensorFlow finds nothing under the URL from now on.
    public func unmount() {
        self.contents.withLock { $0 = nil }
        SealedFileSystem.forget(self)
    }

    /// Why a file could not be read, if one could not: the first failure since mounting.
    ///
    /// Files that do not exist are no failure.
    public var failure: (any Error)? { self.firstFailure.withLock { $0 } }

    /// Reads a whole file of the folder, through the same opened files as TensorFlow's.
    ///
    /// - Throws: the failure to open or authenticate it, or ``TensorFlowError`` `no-such-file`.
    public func read(_ relativePath: String) throws -> [UInt8] {
        let reader = try self.open(relativePath)
        return try reader.read(at: 0, count: reader.size)
    }

    /// Whether a file was opened successfully since mounting.
    func hasOpened(_ relativePath: String) -> Bool { self.contents.withLock { $0?.readers[relativePath] != nil } }

    /// The file's reader, kept for the next time.
    func open(_ relativePath: String) throws -> ProtectedFileReader {
        // Under the lock, so that two threads do not open a file twice. Opening reads and authenticates its first node only.
        try self.contents.withLock { contents in
            guard var current = contents else { throw Self.notFound(self.url) }
            if let reader = current.readers[relativePath] { return reader }
            let path = "\(self.folder)/\(relativePath)"
            guard fileExists(path) else { throw Self.notFound(path) }
            do {
                let reader = try ProtectedFileReader(path: path, key: current.key, expectedPath: "\(self.mountPath)/\(relativePath)")
                try current.manifest?.require(reader)
                current.readers[relativePath] = reader
                contents = current
                return reader
            } catch {
                self.note(error)
                throw error
            }
        }
    }

    /// Remembers a failure, since TensorFlow may pass over it.
    func note(_ error: any Error) {
        self.firstFailure.withLock { first in
            if first == nil { first = error }
        }
    }

    private static func notFound(_ path: String) -> TensorFlowError { TensorFlowError(.notFound, "no-such-file", "\(path) does not exist") }
}
