// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelServing
import Synchronization

/// Tells programs that started the server, on its standard output, where it answers once it does.
///
/// The first line is `ready ADDRESS:PORT`, or `ready unix:PATH`; lines for REST and health may follow.
final class ReadyAnnouncement: Sendable {
    private struct State {
        var grpc = ""
        var others: [String] = []
        var isReady = false
    }

    private let state = Mutex(State())

    /// To be given to the server.
    var events: ServingService.Events {
        var events = ServingService.Events()
        events.onListening = { address, port in
            let place = port.map { "\(address):\($0)" } ?? address
            StandardError.write("gRPC listens on \(place)\n")
            self.state.withLock { $0.grpc = "ready \(place)\n" }
        }
        events.onRESTListening = { self.add("rest", "\($0):\($1)") }
        events.onHealthListening = { self.add("health", "port \($0)") }
        events.onReady = {
            let lines = self.state.withLock { state in
                state.isReady = true
                return state.grpc + state.others.joined()
            }
            Self.write(lines)
            ServiceManager.notifyReady()
        }
        return events
    }

    private func add(_ what: String, _ place: String) {
        StandardError.write("\(what) listens on \(place)\n")
        let line = "\(what) \(place)\n"
        let isLate = self.state.withLock { state in
            if !state.isReady { state.others.append(line) }
            return state.isReady
        }
        if isLate { Self.write(line) }
    }

    /// Not `print`, which keeps the line in its buffer where standard output is a pipe.
    private static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
