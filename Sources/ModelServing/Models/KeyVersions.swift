// SPDX-License-Identifier: Apache-2.0

import ProtectedFiles

/// The wrap key that was released to open sealed files: its current version, and former ones while a rotation lasts.
///
/// Each is wiped with the last copy of the value.
struct KeyVersions: Sendable {
    /// One version of the key.
    struct Version: Sendable {
        /// Its number at the broker; 0 where none is kept.
        let number: UInt32
        let key: WrapKey
    }

    private let current: Version
    private let former: [Version]

    /// A key that has no versions.
    init(_ key: WrapKey) { self.init(current: Version(number: 0, key: key)) }

    /// Takes the current version, and former ones in the order in which they are tried after it.
    init(current: Version, former: [Version] = []) {
        self.current = current
        self.former = former
    }

    /// How many versions there are.
    var count: Int { 1 + self.former.count }

    /// Opens something with the first version that fits.
    ///
    /// A key that does not fit fails in the MAC of a file's metadata: that alone leads to the next version, everything else is an answer.
    ///
    /// - Parameters:
    ///   - name: what is opened, for messages.
    ///   - log: told when a former version was needed.
    ///   - body: opens it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; ``ServingError/Code/noKeyFits`` when none of several versions fits.
    func open<Result>(_ name: String, log: (String) -> Void, _ body: (WrapKey) throws -> Result) throws -> Result {
        guard !self.former.isEmpty else { return try body(self.current.key) }
        for version in [self.current] + self.former {
            do {
                let result = try body(version.key)
                if version.number != self.current.number {
                    log(
                        "WARNING: \(name) is sealed under version \(version.number) of its key, and the current one is \(self.current.number): "
                            + "seal it anew (sealwright rewrap) before the broker stops releasing the former version")
                }
                return result
            } catch let error as ProtectedFileError where error.code == .metadataAuthentication {
                continue
            }
        }
        let numbers = ([self.current] + self.former).map { "\($0.number)" }.joined(separator: ", ")
        throw ServingError(
            .noKeyFits, "none of the \(self.count) versions of its key that were released opens \(name) (versions \(numbers))",
            remedy: "seal it anew under the current version; if it was sealed under one of these, it was damaged or tampered with")
    }
}
