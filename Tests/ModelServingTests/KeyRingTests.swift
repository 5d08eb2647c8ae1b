// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles
import SecretProvisioning
import Synchronization
import Testing

@testable import ModelServing

@Suite("The key ring")
struct KeyRingTests {
    /// Counts what a source is asked for.
    private final class Requests: Sendable {
        private let models = Mutex<[ModelDigest?]>([])
        var all: [ModelDigest?] { self.models.withLock { $0 } }

        var source: WrapKeySource {
            WrapKeySource(name: "a test") { model, _ in
                self.models.withLock { $0.append(model) }
                return KeyVersions(WrapKey.random())
            }
        }
    }

    @Test(
        "a model without a key is told where others have theirs from",
        arguments: [(true, "--model-key-file b=FILE"), (false, "--model-secret b=SECRET")])
    func noKey(isFile: Bool, remedy: String) throws {
        var options = ServingOptions(modelName: "b", modelBasePath: "/b")
        options.modelKeySources = ["a": isFile ? .file("/key") : Requests().source]
        let found = WrapKeys(options, log: { _ in })
        let keys = try #require(found)
        let error = #expect(throws: ServingError.self) { try keys.ring(of: "b") }
        #expect(error?.code == .keyNeeded)
        #expect(error?.remedy?.contains(remedy) == true)
    }

    @Test("a key for a model that is not to be served is told")
    func strayKey() throws {
        var options = ServingOptions(modelName: "m", modelBasePath: "file:///m")
        options.modelKeySources = ["m": Requests().source, "nope": Requests().source]
        options.allowsPlaintext = true
        let lines = Lines()
        let start = try ServerStart(options) { lines.add($0) }
        #expect(lines.all == ["WARNING: there is a key for the model nope, and no model of that name is to be served; look at the name"])
        #expect(start.models.models.map(\.basePath) == ["/m"])
    }

    private static let one = ModelDigest([UInt8](repeating: 1, count: 32))
    private static let other = ModelDigest([UInt8](repeating: 2, count: 32))

    @Test("a key that was released for one model is not lent for another, and one for any model is")
    func models() async throws {
        let requests = Requests()
        let ring = KeyRing(requests.source, log: { _ in })
        let first = try await ring.borrow(for: Self.one)
        let second = try await ring.borrow(for: Self.other)
        let unnamed = try await ring.borrow()
        #expect(first !== second && first !== unnamed)
        #expect(requests.all == [Self.one, Self.other, nil])
        let third = try await ring.borrow(for: ModelDigest([UInt8](repeating: 3, count: 32)))
        #expect(third === unnamed)
        let again = try await ring.borrow(for: Self.one)
        #expect(again === first)
        #expect(requests.all.count == 3)
        withExtendedLifetime((first, second, unnamed)) {}
    }

    @Test("a key that nobody uses any more is asked for anew, unless it is kept")
    func lifetime() async throws {
        let requests = Requests()
        let ring = KeyRing(requests.source, log: { _ in })
        _ = try await ring.borrow(for: Self.one)
        ring.keep(try await ring.borrow(for: Self.one))
        _ = try await ring.borrow(for: Self.one)
        #expect(requests.all.count == 2)
        ring.letGo()
        _ = try await ring.borrow(for: Self.one)
        #expect(requests.all.count == 3)
    }
}
