// SPDX-License-Identifier: Apache-2.0

import SecretProvisioning
import Testing

@testable import ModelServing
@testable import ProtectedFiles

@Suite("The versions of a key that a broker released")
struct WrapKeySourceTests {
    /// A secret whose bytes are all its version's number.
    private static func secret(version: UInt32, count: Int = WrapKey.byteCount) -> ReleasedSecret {
        let bytes = [UInt8](repeating: UInt8(version), count: count)
        return ReleasedSecret(name: "wrap-key", version: version, bytes: bytes.span)
    }

    /// The first byte of each key, in the order in which they are tried.
    private static func tried(_ keys: KeyVersions) -> [UInt8] {
        var tried: [UInt8] = []
        _ = try? keys.open("a", log: { _ in }) { key in
            tried.append(key.withBytes { $0[0] })
            throw ProtectedFileError(.metadataAuthentication, "")
        }
        return tried
    }

    @Test("are tried from the current one on; a former one that is no key is passed over, and logged")
    func former() throws {
        let lines = Lines()
        let keys = try WrapKeySource.versions(
            of: [Self.secret(version: 4), Self.secret(version: 3, count: 5), Self.secret(version: 2)], log: { lines.add($0) })
        #expect(Self.tried(keys) == [4, 2])
        #expect(lines.all.count == 1)
        #expect(
            lines.all.first?.contains("the key broker released version 3 of a secret that has 5 bytes, a wrap key has 16") == true, "\(lines.all)")
    }

    @Test(
        "are refused without a current one that is a key",
        arguments: [(4, "version 4 of a secret that has 15 bytes"), (0, "released a secret that has 15 bytes")] as [(UInt32, String)])
    func current(version: UInt32, text: String) {
        let lines = Lines()
        let error = #expect(throws: ServingError.self) {
            try WrapKeySource.versions(of: [Self.secret(version: version, count: 15), Self.secret(version: 2)], log: { lines.add($0) })
        }
        #expect(error?.code == .badKey)
        #expect(error?.message.contains(text) == true, "\(String(describing: error))")
        #expect(lines.all.isEmpty)
    }
}
