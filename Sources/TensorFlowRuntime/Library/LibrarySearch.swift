// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Where TensorFlow's library is looked for.
struct LibrarySearch: Hashable {
    /// Files or library names, in the order in which they are tried.
    let candidates: [String]
    /// Who said so, for messages.
    let origin: String

    static let environmentVariable = "SEALWRIGHT_TENSORFLOW_LIBRARY"
    static let remedy = "set it up with: make tensorflow; or say where it is with --tensorflow-library FILE or \(environmentVariable)"

    /// The folder that `make tensorflow` fills, and the library in it.
    private static let folderLibrary = ".tensorflow/lib/libtensorflow_cc.so.2"
    private static let systemLibraries = ["libtensorflow.so.2", "libtensorflow_cc.so.2"]

    /// The search of this process.
    static func current(path: String?) -> LibrarySearch {
        let variable = unsafe getenv(Self.environmentVariable).map { unsafe String(cString: $0) }
        return LibrarySearch(path: path, variable: variable, executable: Self.executable) { unsafe access($0, F_OK) == 0 }
    }

    init(path: String?, variable: String?, executable: String?, exists: (String) -> Bool) {
        if let path {
            // A name without a slash would be looked for among the system's libraries, which is not what a file's name means.
            self.init(candidates: [path.contains("/") ? path : "./\(path)"], origin: "as asked for")
        } else if let variable, !variable.isEmpty {
            self.init(candidates: [variable], origin: "from \(Self.environmentVariable)")
        } else {
            let beside = Self.above(executable).map { "\($0)/\(Self.folderLibrary)" }.first(where: exists)
            self.init(candidates: (beside.map { [$0] } ?? []) + Self.systemLibraries, origin: "none beside the executable, so from the system")
        }
    }

    init(candidates: [String], origin: String) {
        self.candidates = candidates
        self.origin = origin
    }

    /// The folders above a file, nearest first, without the root.
    private static func above(_ file: String?) -> [String] {
        guard var folder = file?[...] else { return [] }
        var folders: [String] = []
        while let slash = folder.lastIndex(of: "/"), slash > folder.startIndex {
            folder = folder[..<slash]
            folders.append(String(folder))
        }
        return folders
    }

    /// The running executable's file.
    private static var executable: String? {
        #if os(Linux)
            resolvedPath("/proc/self/exe")
        #else
            resolvedPath(CommandLine.arguments[0])
        #endif
    }
}
