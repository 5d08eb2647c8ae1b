// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How many files and connections this process may have open at once.
enum OpenFileLimit {
    /// Raises the limit to what the system allows this process.
    ///
    /// Shells and service managers start processes with 1,024, for the sake of old programs; a service has a file for each connection.
    ///
    /// - Returns: the limit in force.
    @discardableResult
    static func raise() -> Int {
        var limit = rlimit()
        // Sound: the structure is filled, and read, while it is lent.
        guard unsafe getrlimit(Self.resource, &limit) == 0 else { return 0 }
        var raised = rlimit(rlim_cur: limit.rlim_max, rlim_max: limit.rlim_max)
        if unsafe setrlimit(Self.resource, &raised) == 0 { limit = raised }
        return Int(clamping: limit.rlim_cur)
    }

    #if canImport(Glibc)
        private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    #else
        private static let resource = RLIMIT_NOFILE
    #endif
}
