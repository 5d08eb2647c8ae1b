// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import ModelServing
import TensorFlowRuntime

/// Loads a model server with one Predict request over and over, and prints how it fared as one line of JSON.
///
/// `serving-benchmark load PORT REQUEST CONCURRENCY SECONDS [CA CERTIFICATE KEY SERVER-NAME]`: REQUEST is a file with a serialised PredictRequest.
/// `serving-benchmark decode REQUEST`: how fast a request becomes tensors, in this process.
@main
struct ServingBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "load" where arguments.count == 5 || arguments.count == 9: try await Self.load(Array(arguments.dropFirst()))
        case "decode" where arguments.count == 2: try Self.decode([UInt8](Data(contentsOf: URL(fileURLWithPath: arguments[1]))))
        default: fatalError("usage: serving-benchmark load PORT REQUEST CONCURRENCY SECONDS [CA CERTIFICATE KEY SERVER-NAME] | decode REQUEST")
        }
    }

    // MARK: Load

    private static func load(_ arguments: [String]) async throws {
        let port = Int(arguments[0]) ?? 0
        let request = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
        let concurrency = Int(arguments[2]) ?? 1
        let duration = Duration.seconds(Double(arguments[3]) ?? 5)
        var security = HTTP2ClientTransport.Posix.TransportSecurity.plaintext
        if arguments.count == 8 {
            security = .mTLS(
                certificateChain: [.file(path: arguments[5], format: .pem)], privateKey: .file(path: arguments[6], format: .pem)
            ) { $0.trustRoots = .certificates([.file(path: arguments[4], format: .pem)]) }
        }
        var config = HTTP2ClientTransport.Posix.Config.defaults
        config.http2.authority = arguments.last
        let transport = try HTTP2ClientTransport.Posix(target: .ipv4(address: "127.0.0.1", port: port), transportSecurity: security, config: config)
        let times = try await withGRPCClient(transport: transport) { client in
            // What is paid once is not measured.
            for _ in 0..<concurrency { try await Self.ask(client, request) }
            let end = ContinuousClock.now + duration
            return try await withThrowingTaskGroup(of: [Double].self) { group in
                for _ in 0..<concurrency { group.addTask { try await Self.askRepeatedly(client, request, until: end) } }
                var times: [Double] = []
                for try await own in group { times += own }
                return times
            }
        }
        let sorted = times.sorted()
        func percentile(_ part: Double) -> Double { sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
        let rate = Double(sorted.count) / (duration / .seconds(1))
        print("{\"requests\": \(sorted.count), \"per_second\": \(rate), \"p50_ms\": \(percentile(0.5)), \"p99_ms\": \(percentile(0.99))}")
    }

    /// Asks again and again; returns the time that each answer took, in milliseconds.
    private static func askRepeatedly(
        _ client: GRPCClient<HTTP2ClientTransport.Posix>, _ request: [UInt8], until end: ContinuousClock.Instant
    ) async throws -> [Double] {
        var times: [Double] = []
        while ContinuousClock.now < end {
            let begin = ContinuousClock.now
            try await Self.ask(client, request)
            times.append((ContinuousClock.now - begin) / .milliseconds(1))
        }
        return times
    }

    private static let method = MethodDescriptor(
        service: ServiceDescriptor(fullyQualifiedService: "tensorflow.serving.PredictionService"), method: "Predict")

    private static func ask(_ client: GRPCClient<HTTP2ClientTransport.Posix>, _ request: [UInt8]) async throws {
        var options = CallOptions.defaults
        options.maxRequestMessageBytes = Int(Int32.max)
        options.maxResponseMessageBytes = Int(Int32.max)
        try await client.unary(
            request: ClientRequest(message: request), descriptor: Self.method, serializer: Bytes(), deserializer: Bytes(), options: options
        ) { response in _ = try response.message }
    }

    /// Passes messages on as they are.
    private struct Bytes: MessageSerializer, MessageDeserializer {
        func serialize<Target: GRPCContiguousBytes>(_ message: [UInt8]) -> Target { Target(message) }
        func deserialize<Source: GRPCContiguousBytes>(_ bytes: Source) -> [UInt8] {
            // Sound: the buffer is copied while it is lent.
            unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) }
        }
    }

    // MARK: Decode

    private static func decode(_ request: [UInt8]) throws {
        let rounds = 2000
        var times: [Double] = []
        for _ in 0..<rounds {
            let begin = ContinuousClock.now
            _ = try PredictInputs(request.span)
            times.append((ContinuousClock.now - begin) / .microseconds(1))
        }
        times.sort()
        let median = times[rounds / 2]
        // A copy of as many bytes into new memory, for comparison.
        var copies: [Double] = []
        for _ in 0..<rounds {
            let begin = ContinuousClock.now
            let copy = unsafe [UInt8](unsafeUninitializedCapacity: request.count) { target, count in
                // Sound: both have as many bytes.
                unsafe request.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(target).copyMemory(from: $0) }
                count = request.count
            }
            copies.append((ContinuousClock.now - begin) / .microseconds(1))
            if copy.isEmpty { break }
        }
        copies.sort()
        let rate = Double(request.count) / median / 1000
        let copy = copies[copies.count / 2]
        print("{\"bytes\": \(request.count), \"decode_us\": \(median), \"gigabytes_per_second\": \(rate), \"memcpy_us\": \(copy)}")
    }
}
