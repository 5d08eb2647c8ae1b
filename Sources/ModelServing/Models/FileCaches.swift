// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system's copies of files in memory.
enum FileCaches {
    /// Tells the system that the files below a folder will not be read again soon, so that its copies do not crowd others out.
    ///
    /// Only advice: nothing that fails here matters.
    static func flush(_ folder: String) {
        #if !canImport(Darwin)
            for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] {
                let descriptor = unsafe open("\(folder)/\(name)", O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { continue }
                _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
                close(descriptor)
            }
        #endif
    }
}
