// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// A peer's address as records name it.
enum PeerName {
    static func text(of address: SocketAddress?) -> String {
        guard let address, let host = address.ipAddress, let port = address.port else { return "unknown" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
