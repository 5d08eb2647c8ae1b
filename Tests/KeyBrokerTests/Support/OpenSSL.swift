// SPDX-License-Identifier: Apache-2.0

import Subprocess
import SystemPackage

/// The openssl command: a TLS client that nobody here wrote.
enum OpenSSL {
    /// What `openssl s_client` printed, the server's bytes among it.
    static func client(_ arguments: [String], input: String) async throws -> [UInt8] {
        // Sound: the path is lent to the call as a terminated string.
        let request = try unsafe FileDescriptor.open(input, .readOnly)
        let result = try await run(
            .name("openssl"), arguments: Arguments(["s_client"] + arguments), input: .fileDescriptor(request, closeAfterSpawningProcess: true),
            output: .bytes(limit: 1 << 20), error: .discarded)
        return result.standardOutput
    }
}
