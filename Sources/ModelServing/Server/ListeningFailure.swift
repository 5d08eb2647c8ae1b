// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix

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

    /// Describes the failure to listen at a UNIX socket; what is none is passed on.
    static func describe(_ error: any Error, socketPath path: String) -> any Error {
        func failure(_ reason: String, remedy: String) -> ServingError {
            ServingError(.cannotListen, "cannot listen on the UNIX socket \(path): \(reason)", remedy: remedy)
        }
        switch error {
        case is UnixDomainSocketPathWrongType:
            return failure("there is a file that is no socket", remedy: "move the file away, or choose another --grpc_socket_path")
        case SocketAddressError.unixDomainSocketPathTooLong:
            return failure("the path is longer than the system takes", remedy: "choose a --grpc_socket_path of at most 107 bytes")
        case let system as IOError where system.errnoCode == ENOENT:
            return failure("its folder is not there", remedy: "make the folder, or choose another --grpc_socket_path")
        case let system as IOError:
            return failure("\(system)", remedy: "choose a --grpc_socket_path in a folder to which the server's user may write")
        default: return error
        }
    }
}
