// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@Suite("sealwright health")
struct HealthCommandTests {
    @Test("nobody there ends with 69, a wrong path with 64")
    func absent() async throws {
        // Port 1 is privileged, and nobody listens there.
        let result = try await BuiltCommand.run("health", "--port", "1", "--timeout", "2")
        #expect(result.status == 69)
        #expect(result.error.contains("not-answering"))
        #expect(try await BuiltCommand.run("health", "--path", "readyz").status == 64)
    }
}
