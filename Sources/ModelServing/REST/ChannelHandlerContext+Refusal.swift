// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOHTTP1

extension ChannelHandlerContext {
    /// Answers a request that never became one with a status alone; to be followed by the connection's end.
    ///
    /// Written as bytes, behind the handler that keeps answers in the order of requests: there may be no request yet.
    ///
    /// - Returns: when the answer has been handed to the system; fails where nothing could be written.
    func refuse(_ status: HTTPResponseStatus) -> EventLoopFuture<Void> {
        let answer = ByteBuffer(string: "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        let written = self.eventLoop.makePromise(of: Void.self)
        do {
            let encoder = try self.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
            encoder.writeAndFlush(NIOAny(answer), promise: written)
        } catch {
            written.fail(error)
        }
        return written.futureResult
    }
}
