// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ByteCoding
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Downloads a file: whole or not at all, going on where an earlier try broke off.
package struct Downloader: Sendable {
    /// How many redirections are followed.
    private static let maximumRedirections = 8

    private let request: DownloadRequest
    private let progress: @Sendable (_ done: Int, _ total: Int?) -> Void

    /// Prepares a download; `progress` is told how many bytes are there, and how many there will be if the server says so.
    package init(_ request: DownloadRequest, progress: @escaping @Sendable (_ done: Int, _ total: Int?) -> Void = { _, _ in }) {
        self.request = request
        self.progress = progress
    }

    /// Downloads.
    ///
    /// - Throws: ``FetchError``: `bad-url`, `insecure-url`, `server-refused`, `broken-off`, `wrong-digest`, `too-large`; a file error; `CancellationError`.
    package func run() async throws -> DownloadResult {
        let url = try self.checked(self.request.url, after: nil)
        guard self.request.isReplacing || !FileManager.default.fileExists(atPath: self.request.path) else {
            throw FileError(.publish, path: self.request.path, systemError: EEXIST)
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: self.configuration)
        do {
            let result = try await self.run(url, client)
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private var configuration: HTTPClient.Configuration {
        let timeout = TimeAmount(self.request.timeout)
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, timeout: HTTPClient.Configuration.Timeout(connect: timeout, read: timeout))
        configuration.proxy = self.request.proxy.map { .server(host: $0.host, port: $0.port) }
        configuration.httpVersion = .http1Only
        return configuration
    }

    private func run(_ url: URL, _ client: HTTPClient) async throws -> DownloadResult {
        var file = try PartialFile.open(path: self.request.path, url: self.request.url)
        // Without a digest only the server's tag promises that the rest belongs to the beginning.
        if file.tag == nil, self.request.sha256 == nil { try file.restart() }
        let resumedFrom = file.count
        var failure: FetchError?
        var delay = self.request.retryDelay
        for attempt in 0...self.request.retries {
            if attempt > 0 {
                try await Task.sleep(for: delay)
                delay *= 2
            }
            do {
                try await self.attempt(url, client, into: &file)
                failure = nil
                break
            } catch let error as Interruption {
                failure = FetchError(
                    "broken-off", "\(self.request.url): \(error.reason), after \(file.count) bytes and \(attempt + 1) tries",
                    remedy: "run it again: it goes on where it stopped")
            }
        }
        if let failure { throw failure }
        return try self.finish(file, resumedFrom: resumedFrom)
    }

    private func finish(_ file: consuming PartialFile, resumedFrom: Int) throws -> DownloadResult {
        let result = DownloadResult(size: file.count, sha256: file.sha256, resumedFrom: resumedFrom)
        if let wanted = self.request.sha256, wanted != result.sha256 {
            file.discard()
            throw FetchError(
                "wrong-digest", "\(self.request.url) has SHA-256 \(result.sha256.hexString) (\(result.size) bytes), expected \(wanted.hexString)",
                remedy: "do not use it; check where the address leads and whether the digest is that of this version", exitStatus: .badData)
        }
        try file.publish(replacing: self.request.isReplacing)
        return result
    }

    /// Something that another try may mend.
    private struct Interruption: Error {
        let reason: String
    }

    /// One connection: takes as much of the rest as comes.
    private func attempt(_ url: URL, _ client: HTTPClient, into file: inout PartialFile) async throws {
        var response = try await self.get(url, client, from: file.count, tag: file.tag)
        if response.status == .rangeNotSatisfiable || !Self.continues(response, at: file.count) {
            try file.restart()
            if response.status != .ok { response = try await self.get(url, client, from: 0, tag: nil) }
        }
        guard response.status == .ok || response.status == .partialContent else { throw self.refusal(response.status) }
        let tag = response.headers.first(name: "ETag").flatMap { $0.hasPrefix("W/") ? nil : $0 }
        try file.note(url: self.request.url, tag: tag)
        let total = response.headers.first(name: "Content-Length").flatMap { Int($0) }.map { $0 + file.count }
        if let total, total > self.request.sizeLimit { throw self.tooLarge }
        do {
            for try await chunk in response.body {
                try Task.checkCancellation()
                guard file.count + chunk.readableBytes <= self.request.sizeLimit else { throw self.tooLarge }
                try file.append(chunk.readableBytesView)
                self.progress(file.count, total)
            }
        } catch let error as FetchError {
            throw error
        } catch let error as FileError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Interruption(reason: "the connection broke off (\(error))")
        }
        if let total, file.count < total { throw Interruption(reason: "\(total) bytes were promised") }
    }

    /// Whether the body goes on at that offset.
    private static func continues(_ response: HTTPClientResponse, at offset: Int) -> Bool {
        guard response.status == .partialContent else { return offset == 0 }
        let range = response.headers.first(name: "Content-Range") ?? ""
        return range.hasPrefix("bytes \(offset)-")
    }

    private func get(_ url: URL, _ client: HTTPClient, from offset: Int, tag: String?) async throws -> HTTPClientResponse {
        var url = url
        for _ in 0...Self.maximumRedirections {
            var request = HTTPClientRequest(url: url.absoluteString)
            request.headers.add(name: "User-Agent", value: "sealwright")
            // A body in another coding has other offsets.
            request.headers.add(name: "Accept-Encoding", value: "identity")
            if offset > 0 {
                request.headers.add(name: "Range", value: "bytes=\(offset)-")
                if let tag { request.headers.add(name: "If-Range", value: tag) }
            }
            let response: HTTPClientResponse
            do {
                response = try await client.execute(request, timeout: TimeAmount(self.request.timeout))
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw Interruption(reason: "no answer (\(error))")
            }
            if [500, 502, 503, 504, 408, 429].contains(response.status.code) { throw Interruption(reason: "the server answered \(response.status)") }
            guard [301, 302, 303, 307, 308].contains(response.status.code), let location = response.headers.first(name: "Location") else {
                return response
            }
            guard let next = URL(string: location, relativeTo: url)?.absoluteURL else {
                throw FetchError("bad-url", "\(url) leads to “\(location)”, which is no address")
            }
            url = try self.checked(next.absoluteString, after: url)
        }
        throw FetchError("server-refused", "\(self.request.url) leads from one address to the next, more than \(Self.maximumRedirections) times")
    }

    /// An address that may be asked: HTTPS, or plain HTTP where the file's digest is known and nothing was encrypted before.
    private func checked(_ text: String, after previous: URL?) throws(FetchError) -> URL {
        guard let url = URL(string: text), let scheme = url.scheme, url.host()?.isEmpty == false, ["https", "http"].contains(scheme) else {
            throw FetchError("bad-url", "“\(text)” is not the address of a file", remedy: "give https://HOST/PATH", exitStatus: .usage)
        }
        guard scheme == "https" || (self.request.sha256 != nil && previous?.scheme != "https") else {
            throw FetchError(
                "insecure-url", "\(text) is not encrypted\(previous.map { ", and \($0.host() ?? "") leads there" } ?? "")",
                remedy: "give an https:// address, or the file's digest with --sha256", exitStatus: .refused)
        }
        return url
    }

    private func refusal(_ status: HTTPResponseStatus) -> FetchError {
        FetchError("server-refused", "\(self.request.url): the server answered \(status)", remedy: "check the address")
    }

    private var tooLarge: FetchError {
        FetchError("too-large", "\(self.request.url) is larger than \(self.request.sizeLimit) bytes", exitStatus: .badData)
    }
}
