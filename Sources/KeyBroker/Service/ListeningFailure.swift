// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says why an address cannot be listened on.
enum ListeningFailure {
    static func describe(_ error: any Error, address: String, port: Int, option: String) -> KeyBrokerError {
        if let error = error as? IOError, error.errnoCode == EADDRINUSE {
            return KeyBrokerError(
                .portTaken, "port \(port) of \(address) is taken by another process",
                remedy: "stop it (`ss -ltnp` shows it), or choose another \(option)")
        }
        return KeyBrokerError(
            .cannotListen, "cannot listen on \(address) port \(port): \(error)",
            remedy: "give an address of this machine; ports below 1024 need a privilege")
    }
}

/// A peer's address as records name it.
enum PeerName {
    static func text(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
