// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

/// One client's connection: its requests, one after another.
struct HTTPConnection {
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    let outbound: Outbound
    let router: HTTPRouter
    let maximumBodySize: Int

    /// Reads requests and answers them until the client has no more.
    func run(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async throws {
        var head: HTTPRequestHead?
        var body: [UInt8] = []
        for try await part in inbound {
            switch part {
            case .head(let begun):
                // What is announced is refused at once, but memory is taken only for what has come.
                let announced = begun.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
                guard announced <= self.maximumBodySize else { return try await self.refuseLargeBody(begun) }
                if begun.version == .http1_1, begun.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
                    try await self.outbound.write(.head(HTTPResponseHead(version: begun.version, status: .continue)))
                }
                head = begun
            case .body(let bytes):
                guard let head else { continue }
                guard body.count + bytes.readableBytes <= self.maximumBodySize else { return try await self.refuseLargeBody(head) }
                body.append(contentsOf: bytes.readableBytesView)
            case .end:
                guard let ended = head else { continue }
                let request = HTTPRequest(
                    method: ended.method, target: ended.uri, headers: ended.headers, body: body, bodyLimit: self.maximumBodySize)
                (head, body) = (nil, [])
                try await self.write(await self.router.answer(request), to: ended, isLast: !ended.isKeepAlive)
                guard ended.isKeepAlive else { return }
            }
        }
    }

    private func refuseLargeBody(_ head: HTTPRequestHead) async throws {
        try await self.write(.bodyTooLarge(limit: self.maximumBodySize), to: head, isLast: true)
    }

    private func write(_ page: HTTPPage, to request: HTTPRequestHead, isLast: Bool) async throws {
        var head = HTTPResponseHead(version: request.version, status: page.status)
        if let type = page.contentType { head.headers.add(name: "Content-Type", value: type) }
        for (name, value) in page.headers { head.headers.add(name: name, value: value) }
        head.headers.add(name: "Content-Length", value: String(page.body.count))
        if isLast {
            head.headers.add(name: "Connection", value: "close")
        } else if request.version != .http1_1 {
            head.headers.add(name: "Connection", value: "keep-alive")
        }
        var parts: [HTTPServerResponsePart] = [.head(head)]
        if request.method != .HEAD, !page.body.isEmpty { parts.append(.body(.byteBuffer(ByteBuffer(bytes: page.body)))) }
        parts.append(.end(nil))
        try await self.outbound.write(contentsOf: parts)
    }
}
