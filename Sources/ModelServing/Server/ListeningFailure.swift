// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says why a server could not listen, and what to do.
enum ListeningFailure {
    /// Describes the system's failure to listen; `option` is the command line's for the port.
    static func describe(_ error: IOError, address: String, port: Int, option: String) -> ServingError {
        error.errnoCode == EADDRINUSE
            ? ServingError(
                .addressInUse, "\(address):\(port) is in use by another program",
                remedy: "stop that program (`ss -ltnp` shows it), or choose another \(option)")
            : ServingError(
                .cannotListen, "cannot listen on \(address):\(port): \(error)",
                remedy: "ports below 1024 need a privilege, and the address must be one of this machine")
    }
}
