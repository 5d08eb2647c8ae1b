// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import TestSupport
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite("sealwright simulate")
struct SimulateCommandTests {
    @Test("init makes a platform that only its owner can read, and says INSECURE")
    func initialise() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        #expect(result.status == 0)
        #expect(result.output.contains("INSECURE"))
        #expect(result.error.contains("INSECURE"))
        for name in scratch.contents {
            let mode = try FileManager.default.attributesOfItem(atPath: scratch.file(name))[.posixPermissions] as? Int
            #expect(mode == (name == "platform" ? 0o700 : 0o600), "\(name)")
        }
    }

    @Test("init overwrites nothing unless asked")
    func overwriting() async throws {
        let scratch = try ScratchFolder()
        #expect(try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform")).status == 0)
        let refused = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        #expect(refused.status == 73)
        #expect(refused.error.contains("[output-exists]"))
        let forced = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"), "--force", "--json")
        #expect(forced.status == 0)
        #expect(forced.output.contains("\"simulated\" : true"))
        let other = try await BuiltCommand.run("simulate", "init", "--output", scratch.path, "--force")
        #expect(other.status == 73)
        #expect(other.error.contains("[not-a-simulated-platform]"))
    }

    @Test("quote prints hex and nothing else on standard output")
    func quote() async throws {
        let scratch = try ScratchFolder()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        let measurement = String(repeating: "ab", count: 32)
        let result = try await BuiltCommand.run(
            "simulate", "quote", "--platform", scratch.file("platform"), "--report-data", "00ff", "--mr-enclave", measurement, "--isv-svn", "7",
            "--debug")
        #expect(result.status == 0)
        #expect(result.error.contains("INSECURE"))
        let quote = try #require([UInt8](hex: result.output.trimmingCharacters(in: .newlines)))
        #expect(quote[112..<144].hexString == measurement)
        #expect(quote[48 + 258] == 7)
        #expect(quote[368..<432].hexString == "00ff" + String(repeating: "0", count: 124))
    }

    @Test(
        "wrong input of quote has an identifier and a status of its own",
        arguments: [
            (["--report-data", "xy"], 64, "invalid-report-data"), (["--report-data", String(repeating: "00", count: 65)], 64, "invalid-report-data"),
            (["--report-data", "00", "--mr-signer", "00"], 64, "invalid-measurement"),
        ] as [([String], Int32, String)])
    func wrongInput(arguments: [String], status: Int32, identifier: String) async throws {
        let scratch = try ScratchFolder()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        let result =
            arguments.count == 2
            ? try await BuiltCommand.run("simulate", "quote", "--platform", scratch.file("platform"), arguments[0], arguments[1])
            : try await BuiltCommand.run(
                "simulate", "quote", "--platform", scratch.file("platform"), arguments[0], arguments[1], arguments[2], arguments[3])
        #expect(result.status == status)
        #expect(result.error.contains("[\(identifier)]"))
        #expect(result.output.isEmpty)
    }

    @Test("a folder without a platform is no input")
    func noPlatform() async throws {
        let scratch = try ScratchFolder()
        let result = try await BuiltCommand.run("simulate", "quote", "--platform", scratch.path, "--report-data", "00")
        #expect(result.status == 66)
        #expect(result.error.contains("[unreadable-file]"))
    }

    @Test("collateral is served until the command is told to stop", arguments: [false, true])
    func serving(isExpired: Bool) async throws {
        let scratch = try ScratchFolder()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        let arguments = ["simulate", "collateral", "--platform", scratch.file("platform"), "--port", "0"] + (isExpired ? ["--expired"] : [])
        let server = try RunningCommand(arguments)
        let line = try await server.firstLine()
        let address = try #require(line.split(separator: " ").last)
        let url = try #require(URL(string: "http://\(address)/sgx/certification/v4/qe/identity"))
        let (body, response) = try await URLSession.shared.data(from: url)
        let http = try #require(response as? HTTPURLResponse)
        #expect(http.statusCode == 200)
        #expect(http.value(forHTTPHeaderField: "SGX-Enclave-Identity-Issuer-Chain")?.hasPrefix("-----BEGIN%20CERTIFICATE-----%0A") == true)
        #expect(http.value(forHTTPHeaderField: "Server")?.contains("INSECURE") == true)
        let json = try #require(try JSONSerialization.jsonObject(with: body) as? [String: Any])
        let identity = try #require(json["enclaveIdentity"] as? [String: Any])
        let nextUpdate = try #require((identity["nextUpdate"] as? String).flatMap { try? Date($0, strategy: .iso8601) })
        #expect((nextUpdate < .now) == isExpired)
        #expect(await server.stop() == 0)
    }

    @Test("collateral on a port that is taken is unavailable")
    func portTaken() async throws {
        let scratch = try ScratchFolder()
        _ = try await BuiltCommand.run("simulate", "init", "--output", scratch.file("platform"))
        let listener = try LoopbackListener()
        let result = try await BuiltCommand.run("simulate", "collateral", "--platform", scratch.file("platform"), "--port", "\(listener.port)")
        #expect(result.status == 69)
        #expect(result.error.contains("[port-taken]"))
    }
}

/// A command that runs until it is told to stop.
final class RunningCommand: Sendable {
    private let process: ChildProcess
    private let output = Pipe()

    init(_ arguments: [String]) throws {
        self.process = try ChildProcess(BuiltCommand.path, arguments, standardOutput: self.output.fileHandleForWriting)
        try self.output.fileHandleForWriting.close()
    }

    /// What the command prints first.
    func firstLine() async throws -> String {
        let handle = self.output.fileHandleForReading
        let data = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: handle.availableData) }
        }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    /// Sends SIGTERM and returns the exit status.
    func stop() async -> Int32 {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.process.terminate()
                continuation.resume(returning: self.process.wait())
            }
        }
    }
}

/// A socket that holds a port of the system's choice on the loopback interface.
private final class LoopbackListener: Sendable {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = self.descriptor
        // Sound: the address outlives the calls, which read and write no more than its size.
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bind(descriptor, generic, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, generic, &size) == 0
            }
        }
        try #require(isListening)
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(self.descriptor) }
}
