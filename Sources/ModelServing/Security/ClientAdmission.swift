// SPDX-License-Identifier: Apache-2.0

import GRPCCore
import GRPCNIOTransportHTTP2

/// Refuses calls of clients that came in by a TLS session of old and would not come in any more.
struct ClientAdmission: ServerInterceptor {
    let material: TLSMaterial

    func intercept<Input: Sendable, Output: Sendable>(
        request: StreamingServerRequest<Input>, context: ServerContext,
        next: @concurrent @Sendable (StreamingServerRequest<Input>, ServerContext) async throws -> StreamingServerResponse<Output>
    ) async throws -> StreamingServerResponse<Output> {
        guard let connection = context.transportSpecific as? HTTP2ServerTransport.Posix.Context, await self.material.admits(connection) else {
            throw RPCError(code: .unauthenticated, message: "the client's certificate is not trusted any more")
        }
        return try await next(request, context)
    }
}
