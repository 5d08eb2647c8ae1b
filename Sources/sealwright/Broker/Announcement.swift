// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Tells on standard output, in one line, where a broker listens; once all its doors are open.
final class Announcement: Sendable {
    private let doors: Set<String>
    private let opened = Mutex<[String: String]>([:])

    init(doors: Set<String>) { self.doors = doors }

    func open(_ door: String, address: String, port: Int) {
        let place = "\(address.contains(":") ? "[\(address)]" : address):\(port)"
        let all = self.opened.withLock { opened -> [String: String]? in
            opened[door] = place
            return Set(opened.keys) == self.doors ? opened : nil
        }
        guard let all else { return }
        let https = all["https"].map { " https \($0)" } ?? ""
        // Not `print`, which keeps the line in its buffer where standard output is a pipe.
        FileHandle.standardOutput.write(Data("ready \(all["ra-tls"] ?? "")\(https)\n".utf8))
        ServiceManager.notifyReady()
    }
}
