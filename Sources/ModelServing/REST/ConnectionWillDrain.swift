// SPDX-License-Identifier: Apache-2.0

/// The event that tells a connection's handlers that it ends with the request under way.
///
/// NIO's own event for it, `ChannelShouldQuiesceEvent`, does not get past the handler that keeps answers in the order of requests.
struct ConnectionWillDrain: Sendable {}
