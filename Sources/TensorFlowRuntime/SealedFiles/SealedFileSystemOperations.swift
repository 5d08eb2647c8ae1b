// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import CTensorFlow
internal import ProtectedFiles
internal import Synchronization

/// What TensorFlow calls when it reads under `sealed://`; from any of its threads, several at once.
enum SealedFileSystemOperations {
    /// A file that TensorFlow holds open.
    private final class OpenFile: Sendable {
        let size: Int
        let window: ReadWindow
        let mount: SealedMount

        init(reader: ProtectedFileReader, mount: SealedMount) {
            self.size = reader.size
            self.window = ReadWindow(reader)
            self.mount = mount
        }
    }

    /// The library whose status functions the operations use; there is one in a process, and it is never unloaded.
    private static let library = Mutex<TensorFlowLibrary?>(nil)

    /// Sets what this program's `TF_InitPlugin` offers.
    static func offer(to library: TensorFlowLibrary) {
        self.library.withLock { $0 = library }
        var filesystem = TF_FilesystemOps()
        unsafe filesystem.`init` = { _, _ in }
        unsafe filesystem.cleanup = { _ in }
        unsafe filesystem.new_random_access_file = { _, path, file, status in unsafe SealedFileSystemOperations.openFile(path, file, status) }
        unsafe filesystem.path_exists = { _, path, status in unsafe SealedFileSystemOperations.pathExists(path, status) }
        unsafe filesystem.stat = { _, path, statistics, status in unsafe SealedFileSystemOperations.describe(path, statistics, status) }
        unsafe filesystem.get_file_size = { _, path, status in unsafe SealedFileSystemOperations.size(path, status) }
        var file = TF_RandomAccessFileOps()
        unsafe file.cleanup = { file in unsafe SealedFileSystemOperations.closeFile(file) }
        unsafe file.read = { file, offset, count, buffer, status in unsafe SealedFileSystemOperations.read(file, offset, count, buffer, status) }
        // The scheme is a literal, whose bytes live as long as the program; C copies the two tables.
        Self.scheme.withUTF8Buffer { scheme in
            let text = unsafe UnsafeRawPointer(scheme.baseAddress)?.assumingMemoryBound(to: CChar.self)
            unsafe sealwright_filesystem_offer(text, &filesystem, &file)
        }
    }

    private static let scheme: StaticString = "sealed"

    // MARK: Operations

    private static func openFile(_ path: UnsafePointer<CChar>?, _ file: UnsafeMutablePointer<TF_RandomAccessFile>?, _ status: OpaquePointer?) {
        unsafe self.answer(path, status) { mount, relativePath in
            let open = OpenFile(reader: try mount.open(relativePath), mount: mount)
            unsafe file?.pointee.plugin_file = Unmanaged.passRetained(open).toOpaque()
        }
    }

    private static func closeFile(_ file: UnsafeMutablePointer<TF_RandomAccessFile>?) {
        guard let pointer = unsafe file?.pointee.plugin_file else { return }
        unsafe Unmanaged<OpenFile>.fromOpaque(pointer).release()
        unsafe file?.pointee.plugin_file = nil
    }

    private static func read(
        _ file: UnsafePointer<TF_RandomAccessFile>?, _ offset: UInt64, _ count: Int, _ buffer: UnsafeMutablePointer<CChar>?, _ status: OpaquePointer?
    ) -> Int64 {
        guard let pointer = unsafe file?.pointee.plugin_file else { return 0 }
        let open = unsafe Unmanaged<OpenFile>.fromOpaque(pointer).takeUnretainedValue()
        do {
            // Behind the end there is nothing to read, however far behind.
            let done =
                if let offset = Int(exactly: offset), offset < open.size {
                    try unsafe open.window.read(at: offset, into: UnsafeMutableRawBufferPointer(start: buffer, count: count))
                } else { 0 }
            if done < count {
                unsafe self.set(status, .outOfRange, "read \(done) of \(count) bytes, to the end of the file")
            } else {
                unsafe self.set(status, nil, "")
            }
            return Int64(done)
        } catch {
            open.mount.note(error)
            unsafe self.refuse(status, error)
            return 0
        }
    }

    private static func pathExists(_ path: UnsafePointer<CChar>?, _ status: OpaquePointer?) {
        unsafe self.answer(path, status) { mount, relativePath in
            let place = "\(mount.folder)/\(relativePath)"
            guard fileExists(place) else { throw TensorFlowError(.notFound, "no-such-file", "\(place) does not exist") }
        }
    }

    private static func describe(_ path: UnsafePointer<CChar>?, _ statistics: UnsafeMutablePointer<TF_FileStatistics>?, _ status: OpaquePointer?) {
        unsafe self.answer(path, status) { mount, relativePath in
            let isFolder = folderExists("\(mount.folder)/\(relativePath)")
            let length = isFolder ? 0 : Int64(try mount.open(relativePath).size)
            unsafe statistics?.pointee = TF_FileStatistics(length: length, mtime_nsec: 0, is_directory: isFolder)
        }
    }

    private static func size(_ path: UnsafePointer<CChar>?, _ status: OpaquePointer?) -> Int64 {
        var size: Int64 = 0
        unsafe self.answer(path, status) { mount, relativePath in
            size = Int64(try mount.open(relativePath).size)
        }
        return size
    }

    // MARK: Answers

    /// Resolves the path, does the work and sets the status by how it went.
    private static func answer(_ path: UnsafePointer<CChar>?, _ status: OpaquePointer?, _ body: (SealedMount, String) throws -> Void) {
        let path = unsafe path.map { unsafe String(cString: $0) } ?? ""
        do {
            guard let (mount, relativePath) = SealedFileSystem.resolve(path) else {
                throw TensorFlowError(.notFound, "no-such-file", "sealed://\(path) is not mounted")
            }
            try body(mount, relativePath)
            unsafe self.set(status, nil, "")
        } catch {
            unsafe self.refuse(status, error)
        }
    }

    /// What cannot be authenticated is DATA_LOSS; what is not there is NOT_FOUND.
    private static func refuse(_ status: OpaquePointer?, _ error: any Error) {
        switch error {
        case let error as TensorFlowError: unsafe self.set(status, error.code, error.description)
        case let error as any DiagnosableError:
            let code: TensorFlowError.Code = error.exitStatus == .badData ? .dataLoss : .internal
            unsafe self.set(status, code, "\(error.message) [\(error.identifier)]")
        default: unsafe self.set(status, .internal, "\(error)")
        }
    }

    private static func set(_ status: OpaquePointer?, _ code: TensorFlowError.Code?, _ message: String) {
        guard let library = self.library.withLock({ $0 }) else { return }
        unsafe library.functions.SetStatus(status, code?.rawValue ?? 0, message)
    }
}
