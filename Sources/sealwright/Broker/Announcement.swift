// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Tells on standard output, in one line, where a broker's doors are; once everything listens.
final class Announcement: Sendable {
    private let listeners: Set<String>
    private let opened = Mutex<[String: String]>([:])

    /// Waits for all of `listeners`: the doors, and whatever else listens.
    init(listeners: Set<String>) { self.listeners = listeners }

    func open(_ listener: String, address: String, port: Int) {
        let place = "\(address.contains(":") ? "[\(address)]" : address):\(port)"
        let all = self.opened.withLock { opened -> [String: String]? in
            opened[listener] = place
            return Set(opened.keys) == self.listeners ? opened : nil
        }
        guard let all else { return }
        let https = all["https"].map { " https \($0)" } ?? ""
        // Not `print`, which keeps the line in its buffer where standard output is a pipe.
        FileHandle.standardOutput.write(Data("ready \(all["ra-tls"] ?? "")\(https)\n".utf8))
        ServiceManager.notifyReady()
    }
}
