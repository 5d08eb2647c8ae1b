// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// How long a client may take to send a request, so that those that never finish hold no connection.
package struct HTTPTimeLimits: Hashable, Sendable {
    /// From the connection's begin, or the answer before, to the end of a request's head.
    package var head = TimeAmount.seconds(60)
    /// In each of these spans of time a body must bring ``slowestBody`` bytes, or its end.
    package var bodySpan = TimeAmount.seconds(30)
    package var slowestBody = 1024
    /// The span of a body that is under way when the server begins to drain.
    package var drainingBodySpan = TimeAmount.seconds(5)

    package init() {}
}
