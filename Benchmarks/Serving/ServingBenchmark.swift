// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore

/// What `Benchmarks/serving` measures with: a client that costs next to nothing, and the decoding of a request in this process.
///
/// `serving-benchmark load PORT REQUEST [CA CERTIFICATE KEY SERVER-NAME]`: REQUEST is a file with a serialised PredictRequest. Each line of
/// standard input, `CONCURRENCY SECONDS`, is a round; how it went is printed as a line of JSON.
/// `serving-benchmark first PORT REQUEST [CA CERTIFICATE KEY SERVER-NAME]`: connects, asks once when a line comes, then prints a line.
/// `serving-benchmark decode REQUEST`: how fast a request becomes tensors.
@main
struct ServingBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "load" where arguments.count == 3 || arguments.count == 7: try await Self.load(try LoadTarget(arguments.dropFirst()))
        case "first" where arguments.count == 3 || arguments.count == 7: try await Self.first(try LoadTarget(arguments.dropFirst()))
        case "decode" where arguments.count == 2: try DecodeBenchmark.run(try LoadTarget.contents(of: arguments[1]))
        default: fatalError("usage: serving-benchmark load|first PORT REQUEST [CA CERTIFICATE KEY SERVER-NAME] | decode REQUEST")
        }
    }

    private static func load(_ target: LoadTarget) async throws {
        let client = try await LoadClient.connect(to: target)
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, let concurrency = Int(words[0]), let seconds = Double(words[1]) else {
                fatalError("expected: CONCURRENCY SECONDS")
            }
            let times = try await client.round(concurrency: concurrency, seconds: seconds)
            Self.report(times, seconds: seconds)
        }
        try await client.close()
    }

    /// Prints one line at once: standard output may be a pipe.
    private static func report(_ times: [Double], seconds: Double) {
        let sorted = times.sorted()
        func percentile(_ part: Double) -> Double { sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))] }
        let line =
            "{\"requests\": \(sorted.count), \"per_second\": \(Double(sorted.count) / seconds), \"p50_ms\": \(percentile(0.5)), "
            + "\"p99_ms\": \(percentile(0.99))}\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }

    /// Connects as soon as the server listens, and asks when standard input says that it is ready.
    private static func first(_ target: LoadTarget) async throws {
        let client = try await Self.connectPatiently(to: target)
        guard readLine() != nil else { return }
        _ = try await client.round(concurrency: 1, seconds: 0)
        FileHandle.standardOutput.write(Data("answered\n".utf8))
        try await client.close()
    }

    private static func connectPatiently(to target: LoadTarget) async throws -> LoadClient {
        while true {
            do {
                return try await LoadClient.connect(to: target)
            } catch {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
    }
}
