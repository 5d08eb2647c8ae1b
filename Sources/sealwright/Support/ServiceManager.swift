// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Tells systemd, where it started this process with `Type=notify`, how far it is (sd_notify(3)).
enum ServiceManager {
    /// The service answers.
    static func notifyReady() { self.notify("READY=1") }

    /// Sends one datagram to the socket that systemd named.
    ///
    /// Says nothing when it fails: systemd then ends the start by its time limit, and no other supervisor listens.
    private static func notify(_ state: String) {
        guard let path = ProcessInfo.processInfo.environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return }
        #if os(Linux)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // `@` stands for the zero byte that begins an abstract socket's name.
            let name = path.hasPrefix("@") ? [0] + path.dropFirst().utf8 : Array(path.utf8)
            let capacity = MemoryLayout.size(ofValue: address.sun_path)
            guard name.count < capacity else { return }
            // Sound: `sun_path` has `capacity` bytes, and fewer are copied.
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
            let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { return }
            defer { close(descriptor) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
            let bytes = Array(state.utf8)
            // Sound: both pointers are lent for the call, with the lengths that are given.
            _ = unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { sockaddr in
                    unsafe bytes.withUnsafeBytes { unsafe sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), sockaddr, length) }
                }
            }
        #endif
    }
}
