// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2

/// How long gRPC's connections live and how they are kept alive, by the names that gRPC's C library has for it.
///
/// Who balances load by connections ends them after a while this way, so that clients spread over servers anew.
public struct ChannelArguments: Hashable, Sendable {
    private enum Argument: String, CaseIterable {
        case maximumAge = "grpc.max_connection_age_ms"
        case maximumAgeGrace = "grpc.max_connection_age_grace_ms"
        case maximumIdleTime = "grpc.max_connection_idle_ms"
        case keepaliveTime = "grpc.keepalive_time_ms"
        case keepaliveTimeout = "grpc.keepalive_timeout_ms"
        case permitsPingsWithoutCalls = "grpc.keepalive_permit_without_calls"
        case shortestPingInterval = "grpc.http2.min_ping_interval_without_data_ms"
        case maximumConcurrentStreams = "grpc.max_concurrent_streams"
    }

    private var values: [Argument: Int] = [:]
    /// The names of those that mean nothing here.
    public private(set) var unknown: [String] = []

    /// The names of those that count here.
    public static let known = Argument.allCases.map(\.rawValue)

    /// No arguments.
    public init() {}

    /// Reads `name=value,name=value`; of two of a name the last counts.
    ///
    /// - Throws: ``ServingError/Code/badChannelArguments`` for what is of another form, or no number where one is needed.
    public init(_ text: String) throws(ServingError) {
        for part in text.split(separator: ",") {
            let words = part.split(separator: "=", maxSplits: 1)
            guard words.count == 2 else { throw Self.failure("\(part) is not NAME=VALUE") }
            guard let argument = Argument(rawValue: String(words[0])) else {
                self.unknown.append(String(words[0]))
                continue
            }
            guard let value = Int(words[1]), (0...Int(Int32.max)).contains(value) else {
                throw Self.failure("\(part) is no number between 0 and \(Int32.max)")
            }
            self.values[argument] = value
        }
    }

    private static func failure(_ problem: String) -> ServingError {
        ServingError(
            .badChannelArguments, "--grpc_channel_arguments: \(problem)",
            remedy: "write them as \(Argument.maximumAge.rawValue)=600000,\(Argument.maximumAgeGrace.rawValue)=60000")
    }

    /// Lays what is given over the transport's own settings.
    func apply(to connection: inout HTTP2ServerTransport.Config.Connection, _ http2: inout HTTP2ServerTransport.Config.HTTP2) {
        for (argument, value) in self.values {
            // The library's largest number stands for no end, and so does none at all where that makes no sense.
            let grace: Duration? = value == Int32.max ? nil : .milliseconds(value)
            let time = value == 0 ? nil : grace
            switch argument {
            case .maximumAge: connection.maxAge = time
            case .maximumAgeGrace: connection.maxGraceTime = grace
            case .maximumIdleTime: connection.maxIdleTime = time
            case .keepaliveTime: connection.keepalive.time = .milliseconds(max(1, value))
            case .keepaliveTimeout: connection.keepalive.timeout = .milliseconds(max(1, value))
            case .permitsPingsWithoutCalls: connection.keepalive.clientBehavior.allowWithoutCalls = value != 0
            case .shortestPingInterval: connection.keepalive.clientBehavior.minPingIntervalWithoutCalls = .milliseconds(value)
            case .maximumConcurrentStreams: http2.maxConcurrentStreams = max(1, value)
            }
        }
    }
}
