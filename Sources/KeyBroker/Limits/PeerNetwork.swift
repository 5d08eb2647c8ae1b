// SPDX-License-Identifier: Apache-2.0

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a peer comes from, as limits count it: an IPv4 address, or the /64 network of an IPv6 one, for a host has all of one.
struct PeerNetwork: Hashable {
    private let bytes: [UInt8]

    init(of address: SocketAddress?) {
        guard let text = address?.ipAddress else {
            self.bytes = []
            return
        }
        var bytes = [UInt8](repeating: 0, count: 16)
        // Sound: the text is lent as a terminated string, and 4 or 16 bytes are written, of 16.
        if unsafe inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if unsafe inet_pton(AF_INET6, text, &bytes) == 1 {
            // An IPv4 address that a dual-stack socket shows as an IPv6 one.
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
            self.bytes = Array(isMapped ? bytes.suffix(4) : bytes.prefix(8))
        } else {
            self.bytes = []
        }
    }
}
