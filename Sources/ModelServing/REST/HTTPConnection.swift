// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One client's connection: its requests, one after another.
struct HTTPConnection {
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPPart<HTTPResponseHead, ByteBuffer>>

    let outbound: Outbound
    let router: HTTPRouter
    let maximumBodySize: Int

    /// Reads requests and answers them until the client has no more.
    func run(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async throws {
        var parts = inbound.makeAsyncIterator()
        while let part = try await parts.next() {
            guard case .head(let head) = part else { continue }
            guard let body = try await self.readBody(head, &parts) else { return }
            let request = HTTPRequest(method: head.method, target: head.uri, headers: head.headers, body: body)
            try await self.write(await self.router.answer(request), to: head, isLast: !head.isKeepAlive)
            guard head.isKeepAlive else { return }
        }
    }

    /// Reads a request's body to its end.
    ///
    /// - Returns: `nil` when the connection has ended, or is to be ended because the body is too large.
    private func readBody(
        _ head: HTTPRequestHead, _ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator
    ) async throws -> [UInt8]? {
        let announced = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= self.maximumBodySize else { return try await self.refuseLargeBody(head) }
        if head.version >= .http1_1, head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            try await self.outbound.write(.head(HTTPResponseHead(version: head.version, status: .continue)))
        }
        var body: [UInt8] = []
        while let part = try await parts.next() {
            switch part {
            case .head: continue
            case .body(let bytes):
                // Not by what is announced: memory is taken for what has come.
                guard body.count + bytes.readableBytes <= self.maximumBodySize else { return try await self.refuseLargeBody(head) }
                body.append(contentsOf: bytes.readableBytesView)
            case .end: return body
            }
        }
        return nil
    }

    private func refuseLargeBody(_ head: HTTPRequestHead) async throws -> [UInt8]? {
        let page = HTTPPage.refusal(.payloadTooLarge, "the request's body is larger than \(self.maximumBodySize) bytes")
        try await self.write(page, to: head, isLast: true)
        return nil
    }

    private func write(_ page: HTTPPage, to request: HTTPRequestHead, isLast: Bool) async throws {
        var head = HTTPResponseHead(version: request.version, status: page.status)
        if let type = page.contentType { head.headers.add(name: "Content-Type", value: type) }
        for (name, value) in page.headers { head.headers.add(name: name, value: value) }
        head.headers.add(name: "Content-Length", value: String(page.body.count))
        if isLast {
            head.headers.add(name: "Connection", value: "close")
        } else if request.version < .http1_1 {
            head.headers.add(name: "Connection", value: "keep-alive")
        }
        var parts: [HTTPPart<HTTPResponseHead, ByteBuffer>] = [.head(head)]
        if request.method != .HEAD, !page.body.isEmpty { parts.append(.body(ByteBuffer(bytes: page.body))) }
        parts.append(.end(nil))
        try await self.outbound.write(contentsOf: parts)
    }
}
