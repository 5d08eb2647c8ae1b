// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Decides whether a connection is served at all, before a byte of it is read.
struct ConnectionGate: Sendable {
    private let places: ConnectionLimit
    private let rateLimit: RateLimit?
    private let metrics: BrokerMetrics

    init(maximumConnections: Int, rateLimit: RateLimit?, metrics: BrokerMetrics) {
        self.places = ConnectionLimit(maximumConnections)
        self.rateLimit = rateLimit
        self.metrics = metrics
    }

    /// Takes a place for a connection until it is closed; `false` when it is beyond a limit and to be closed at once.
    func admit(_ channel: any Channel) -> Bool {
        guard self.rateLimit?.admit(channel.remoteAddress) ?? true else {
            self.metrics.noteRejectedConnection("rate")
            return false
        }
        let network = PeerNetwork(of: channel.remoteAddress)
        guard self.places.enter(network) else {
            self.metrics.noteRejectedConnection("connections")
            return false
        }
        self.metrics.noteConnections(1)
        channel.closeFuture.whenComplete { _ in
            self.places.leave(network)
            self.metrics.noteConnections(-1)
        }
        return true
    }
}
