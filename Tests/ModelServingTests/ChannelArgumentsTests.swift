// SPDX-License-Identifier: Apache-2.0

import GRPCNIOTransportHTTP2
import Testing

@testable import ModelServing

@Suite("Arguments for gRPC's connections")
struct ChannelArgumentsTests {
    private typealias Config = HTTP2ServerTransport.Config

    private func apply(_ text: String) throws -> (connection: Config.Connection, http2: Config.HTTP2) {
        var connection = Config.Connection.defaults
        var http2 = Config.HTTP2.defaults
        try ChannelArguments(text).apply(to: &connection, &http2)
        return (connection, http2)
    }

    @Test("are laid over the transport's settings, by the names of gRPC's C library")
    func known() throws {
        let config = try self.apply(
            "grpc.max_connection_age_ms=1,grpc.max_connection_age_grace_ms=2,grpc.max_connection_idle_ms=3,grpc.keepalive_time_ms=4,"
                + "grpc.keepalive_timeout_ms=5,grpc.keepalive_permit_without_calls=1,grpc.http2.min_ping_interval_without_data_ms=6,"
                + "grpc.max_concurrent_streams=7")
        #expect(config.connection.maxAge == .milliseconds(1))
        #expect(config.connection.maxGraceTime == .milliseconds(2))
        #expect(config.connection.maxIdleTime == .milliseconds(3))
        #expect(config.connection.keepalive.time == .milliseconds(4))
        #expect(config.connection.keepalive.timeout == .milliseconds(5))
        #expect(config.connection.keepalive.clientBehavior.allowWithoutCalls)
        #expect(config.connection.keepalive.clientBehavior.minPingIntervalWithoutCalls == .milliseconds(6))
        #expect(config.http2.maxConcurrentStreams == 7)
    }

    @Test("of two of a name the last counts, the largest number stands for no end, a timer runs for a time, and nothing changes nothing")
    func values() throws {
        #expect(try self.apply("grpc.max_connection_age_ms=1,grpc.max_connection_age_ms=2147483647").connection.maxAge == nil)
        #expect(try self.apply("grpc.max_connection_age_ms=1,,grpc.max_connection_age_ms=3").connection.maxAge == .milliseconds(3))
        #expect(try self.apply("grpc.max_connection_idle_ms=0").connection.maxIdleTime == nil)
        let keepalive = try self.apply("grpc.keepalive_time_ms=0,grpc.keepalive_timeout_ms=0").connection.keepalive
        #expect(keepalive.time == .milliseconds(1) && keepalive.timeout == .milliseconds(1))
        #expect(try self.apply("").connection == Config.Connection.defaults)
    }

    @Test("others are told, whatever their values")
    func unknown() throws {
        #expect(
            try ChannelArguments("grpc.so_reuseaddr=1,grpc.lb_policy_name=a=b,grpc.keepalive_time_ms=1").unknown == [
                "grpc.so_reuseaddr", "grpc.lb_policy_name",
            ])
    }

    @Test(
        "what is none is refused",
        arguments: [
            "a", "a=", "=1", "grpc.keepalive_time_ms", "grpc.keepalive_time_ms=1s", "grpc.keepalive_time_ms=-1", "grpc.keepalive_time_ms=2147483648",
        ])
    func refused(text: String) {
        #expect(throws: ServingError.self) { try ChannelArguments(text) }
    }
}
