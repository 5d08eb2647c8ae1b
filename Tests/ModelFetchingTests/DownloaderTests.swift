// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import Foundation
import ModelFetching
import Synchronization
import TestSupport
import Testing

@Suite("Downloading")
struct DownloaderTests {
    private static let file: [UInt8] = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    private static let digest = Array(SHA256.hash(data: Self.file))

    private func request(_ server: FlakyServer, _ scratch: ScratchFolder, path: String = "/model.pb") -> DownloadRequest {
        var request = DownloadRequest(url: server.url(path), path: scratch.file("model.pb"))
        request.sha256 = Self.digest
        request.retries = 3
        request.retryDelay = .zero
        request.timeout = .milliseconds(500)
        return request
    }

    /// Serves the file from where the client wants it.
    @Sendable private static func serve(_ request: FlakyServer.Request, _: Int) -> FlakyServer.Answer {
        guard let start = request.rangeStart else { return .response("200 OK", ["ETag: \"1\""], Self.file) }
        return .response(
            "206 Partial Content", ["ETag: \"1\"", "Content-Range: bytes \(start)-\(Self.file.count - 1)/\(Self.file.count)"],
            Array(Self.file[start...]))
    }

    @Test("a file arrives whole, and nothing else is left")
    func whole() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with(Self.serve) { server in
            let result = try await Downloader(request(server, scratch)).run()
            #expect(result == DownloadResult(size: Self.file.count, sha256: Self.digest, resumedFrom: 0))
        }
        #expect(scratch.contents == ["model.pb"])
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("a connection that breaks off is taken up where it stopped")
    func brokenOff() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { request, number in
            // Twice a part and then nothing more, though all was promised.
            var answer = Self.serve(request, number)
            if number <= 2 { answer.bytes = Array(answer.bytes.dropLast(60_000 - number * 10_000)) }
            return answer
        } _: { server in
            _ = try await Downloader(request(server, scratch)).run()
            let ranges = server.requests.withLock { $0.map(\.rangeStart) }
            #expect(ranges.count == 3)
            #expect(ranges[0] == nil)
            #expect(ranges.dropFirst().allSatisfy { $0 ?? 0 > 0 })
        }
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("what an earlier run left is gone on with, also without a digest if the server's tag still holds")
    func resumed() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { request, number in
            var answer = Self.serve(request, number)
            if number == 1 { answer.bytes = Array(answer.bytes.dropLast(50_000)) }
            return answer
        } _: { server in
            var first = request(server, scratch)
            first.retries = 0
            let failure = await #expect(throws: FetchError.self) { try await Downloader(first).run() }
            #expect(failure?.identifier == "broken-off")
            #expect(scratch.contents == ["model.pb.partial", "model.pb.partial.source"])
            let result = try await Downloader(request(server, scratch)).run()
            #expect(result.resumedFrom > 0)
            #expect(server.requests.withLock { $0.last?.headers["if-range"] } == "\"1\"")
        }
        #expect(scratch.contents == ["model.pb"])
    }

    @Test("a server that ignores the range is taken from the beginning")
    func ignoredRange() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { request, number in
            var answer = FlakyServer.Answer.response("200 OK", [], Self.file)
            if number == 1 { answer.bytes = Array(answer.bytes.dropLast(50_000)) }
            return answer
        } _: { server in
            _ = try await Downloader(request(server, scratch)).run()
        }
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("a promise of more bytes than come is no whole file, fewer than there are is the wrong one")
    func lies() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { _, _ in
            .response("200 OK", [], Self.file, length: Self.file.count + 1)
        } _: { server in
            let failure = await #expect(throws: FetchError.self) { try await Downloader(request(server, scratch)).run() }
            // A rest of one byte never comes: each try begins anew, since the server does not know ranges.
            #expect(failure?.identifier == "broken-off")
        }
        #expect(!scratch.contents.contains("model.pb"))
        let other = try ScratchFolder()
        try await FlakyServer.with { _, _ in
            .response("200 OK", [], Self.file, length: Self.file.count - 1)
        } _: { server in
            let failure = await #expect(throws: FetchError.self) { try await Downloader(request(server, other)).run() }
            #expect(failure?.identifier == "wrong-digest")
        }
        #expect(other.contents.isEmpty)
    }

    @Test("another file than the digest's is refused and not kept")
    func wrongDigest() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { _, _ in
            .response("200 OK", [], Array(Self.file.reversed()))
        } _: { server in
            let failure = await #expect(throws: FetchError.self) { try await Downloader(request(server, scratch)).run() }
            #expect(failure?.identifier == "wrong-digest")
            #expect(failure?.exitStatus == .badData)
        }
        #expect(scratch.contents.isEmpty)
    }

    @Test("redirections are followed, but not round in a circle and not to another scheme")
    func redirections() async throws {
        let scratch = try ScratchFolder()
        let answer: @Sendable (FlakyServer.Request, Int) -> FlakyServer.Answer = { request, number in
            switch request.target {
            case "/moved": .response("302 Found", ["Location: /model.pb"])
            case "/circle": .response("301 Moved Permanently", ["Location: /circle"])
            case "/away": .response("302 Found", ["Location: ftp://127.0.0.1/model.pb"])
            default: Self.serve(request, number)
            }
        }
        try await FlakyServer.with(answer) { server in
            for (path, identifier) in [("/circle", "server-refused"), ("/away", "bad-url")] {
                let failure = await #expect(throws: FetchError.self) { try await Downloader(request(server, scratch, path: path)).run() }
                #expect(failure?.identifier == identifier)
            }
            _ = try await Downloader(request(server, scratch, path: "/moved")).run()
        }
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("a server that says nothing is given up, one that is busy is asked again, one that refuses is not")
    func answers() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { _, _ in
            .silence
        } _: { server in
            var silent = request(server, scratch)
            silent.retries = 1
            silent.timeout = .milliseconds(50)
            let failure = await #expect(throws: FetchError.self) { try await Downloader(silent).run() }
            #expect(failure?.identifier == "broken-off")
            // The server's own count would not do: on a busy machine a try may end before its request has arrived.
            #expect(failure?.message.hasSuffix("after 0 bytes and 2 tries") == true)
        }
        try await FlakyServer.with { _, _ in
            .response("404 Not Found")
        } _: { server in
            let failure = await #expect(throws: FetchError.self) { try await Downloader(request(server, scratch)).run() }
            #expect(failure?.identifier == "server-refused")
            #expect(server.requests.withLock { $0.count } == 1)
        }
        try await FlakyServer.with { request, number in
            number < 3 ? .response("503 Service Unavailable") : Self.serve(request, number)
        } _: { server in
            _ = try await Downloader(request(server, scratch)).run()
        }
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("a larger file than is allowed is not taken, and one that is there is kept")
    func limits() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with(Self.serve) { server in
            var small = request(server, scratch)
            small.sizeLimit = Self.file.count - 1
            let failure = await #expect(throws: FetchError.self) { try await Downloader(small).run() }
            #expect(failure?.identifier == "too-large")
            try scratch.write([1], to: "model.pb")
            await #expect(throws: FileError.self) { try await Downloader(request(server, scratch)).run() }
            var replacing = request(server, scratch)
            replacing.isReplacing = true
            _ = try await Downloader(replacing).run()
        }
        #expect(try InputFile.readAll(scratch.file("model.pb")) == Self.file)
    }

    @Test("without encryption a file needs a digest", arguments: ["http://127.0.0.1:1/x", "ftp://127.0.0.1/x", "x"])
    func schemes(url: String) async throws {
        let scratch = try ScratchFolder()
        let failure = await #expect(throws: FetchError.self) { try await Downloader(DownloadRequest(url: url, path: scratch.file("x"))).run() }
        #expect(failure?.identifier == (url.hasPrefix("http:") ? "insecure-url" : "bad-url"))
        #expect(scratch.contents.isEmpty)
    }

    @Test(
        "proxies are those of the environment",
        arguments: [
            (["https_proxy": "http://proxy.example:3128"], "https://a.example/x", "proxy.example:3128"),
            (["https_proxy": "proxy.example:3128"], "https://a.example/x", "proxy.example:3128"),
            (["http_proxy": "http://proxy.example"], "http://a.example/x", "proxy.example:80"),
            (["HTTP_PROXY": "http://proxy.example"], "http://a.example/x", ""),
            (["https_proxy": "http://proxy.example", "no_proxy": "b.example,.a.example"], "https://files.a.example/x", ""),
            (["all_proxy": "http://proxy.example", "no_proxy": "*"], "https://a.example/x", ""), ([:], "https://a.example/x", ""),
        ])
    func proxies(environment: [String: String], url: String, expected: String) throws {
        let proxy = try HTTPProxy.forURL(try #require(URL(string: url)), environment: environment)
        #expect(proxy.map { "\($0.host):\($0.port)" } ?? "" == expected)
    }

    @Test("a request goes through the proxy")
    func throughProxy() async throws {
        let scratch = try ScratchFolder()
        try await FlakyServer.with { request, number in
            // The proxy opens a tunnel, behind which it plays the server too.
            number == 1 ? FlakyServer.Answer(bytes: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), closes: false) : Self.serve(request, number)
        } _: { server in
            var request = DownloadRequest(url: "http://models.invalid/model.pb", path: scratch.file("model.pb"))
            request.sha256 = Self.digest
            request.proxy = try HTTPProxy.forURL(
                try #require(URL(string: request.url)), environment: ["http_proxy": "http://127.0.0.1:\(server.port)"])
            _ = try await Downloader(request).run()
            #expect(server.requests.withLock { $0.map(\.target) } == ["models.invalid:80", "/model.pb"])
        }
    }
}
