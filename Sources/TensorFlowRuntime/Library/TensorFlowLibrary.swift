// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// TensorFlow's C library, loaded into this process.
///
/// It is loaded once and stays until the process ends: TensorFlow starts threads and cannot be unloaded.
@safe
public final class TensorFlowLibrary: Sendable {
    /// Where it was loaded from, as it was given to the system's dynamic linker.
    public let path: String

    /// TensorFlow's version, such as `2.18.1`.
    public let version: String

    /// Filled once before the object exists; TensorFlow's functions may be called from any thread.
    let functions: SealwrightTensorFlowFunctions

    /// The threads on which everything that blocks is done.
    let workers: WorkerPool

    private init(path: String, functions: SealwrightTensorFlowFunctions, threads: Int) {
        self.path = path
        self.functions = functions
        self.version = unsafe functions.Version().map { unsafe String(cString: $0) } ?? "unknown"
        self.workers = WorkerPool(threads: threads)
    }

    private static let loaded = Mutex<TensorFlowLibrary?>(nil)

    /// Loads TensorFlow, or returns the library that this process has loaded before.
    ///
    /// Looked for at `path` if that is given; else where `SEALWRIGHT_TENSORFLOW_LIBRARY` points if that is set; else as
    /// `.tensorflow/lib/libtensorflow_cc.so.2` beside the executable or above it, where `make tensorflow` puts it; else as
    /// `libtensorflow.so.2` and `libtensorflow_cc.so.2` where the system keeps its libraries.
    ///
    /// Takes a few tenths of a second; call it when the process starts, before other threads read the environment.
    ///
    /// - Parameters:
    ///   - path: The library's file, if it is known.
    ///   - threads: How many sessions' runs and loads may be under way at once in this process; chosen by the number of
    ///     processors if not given. Counts only for the first call.
    /// - Returns: The library of this process.
    /// - Throws: ``TensorFlowError``: `tensorflow-not-found`, `tensorflow-incomplete`, or `tensorflow-already-loaded`
    ///   if another file was loaded before.
    public static func load(path: String? = nil, threads: Int? = nil) throws -> TensorFlowLibrary {
        try self.loaded.withLock { loaded in
            if let library = loaded {
                guard path == nil || path == library.path else {
                    throw TensorFlowError(
                        .failedPrecondition, "tensorflow-already-loaded",
                        "TensorFlow was loaded from \(library.path) before; a process can't load another, from \(path ?? "")")
                }
                return library
            }
            let library = try Self.open(LibrarySearch.current(path: path), threads: threads ?? Self.defaultThreads)
            loaded = library
            return library
        }
    }

    /// A run occupies one of these threads while TensorFlow's own threads compute: two for each processor keep them busy.
    private static var defaultThreads: Int { max(4, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Opens the first candidate that can be opened.
    static func open(_ search: LibrarySearch, threads: Int) throws(TensorFlowError) -> TensorFlowLibrary {
        var reasons: [String] = []
        for candidate in search.candidates {
            var functions = SealwrightTensorFlowFunctions()
            var reason = [CChar](repeating: 0, count: 1024)
            let result = unsafe sealwright_tensorflow_load(candidate, &functions, &reason, reason.count)
            if result == SealwrightTensorFlowLoaded {
                return TensorFlowLibrary(path: candidate, functions: functions, threads: threads)
            }
            let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard result == SealwrightTensorFlowNotOpened else {
                throw TensorFlowError(
                    .unavailable, "tensorflow-incomplete", "\(candidate) is no TensorFlow library that can be used: \(text)",
                    remedy: LibrarySearch.remedy)
            }
            // The linker's words begin with the name of the library that is missing, which may be another one.
            reasons.append(text.contains(candidate) ? text : "\(candidate): \(text)")
        }
        throw TensorFlowError(
            .unavailable, "tensorflow-not-found", "TensorFlow's library can't be opened (\(search.origin)): \(reasons.joined(separator: "; "))",
            remedy: LibrarySearch.remedy)
    }
}

extension TensorFlowLibrary {
    /// Calls a function that reports through a status, and throws what it reports.
    func checked<Result>(_ body: (OpaquePointer) -> Result) throws(TensorFlowError) -> Result {
        // Sound: the status lives until the end of this function, and its message is copied before.
        guard let status = self.functions.NewStatus() else {
            throw TensorFlowError(.resourceExhausted, "tensorflow-out-of-memory", "TensorFlow could not make a status")
        }
        defer { unsafe self.functions.DeleteStatus(status) }
        let result = unsafe body(status)
        let code = unsafe self.functions.GetCode(status)
        guard code == 0 else {
            throw TensorFlowError(status: code, message: unsafe self.functions.Message(status).map { unsafe String(cString: $0) } ?? "")
        }
        return result
    }
}
