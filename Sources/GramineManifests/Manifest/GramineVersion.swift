// SPDX-License-Identifier: Apache-2.0

/// A release of Gramine, as far as manifests differ between releases.
public struct GramineVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The 9 of 1.9.
    public let minor: Int

    private init(minor: Int) { self.minor = minor }

    /// Reads `1.9`, `v1.9` or `1.3.1`; `nil` for anything but 1.3 to 1.9.
    public init?(_ text: some StringProtocol) {
        let parts = (text.hasPrefix("v") ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0] == "1", let minor = Int(parts[1]), Self.oldest.minor...Self.newest.minor ~= minor,
            parts.count == 2 || Int(parts[2]) != nil
        else { return nil }
        self.minor = minor
    }

    /// The first release that the recipe of the model server ran on.
    public static let oldest = Self(minor: 3)
    /// The newest release known here.
    public static let newest = Self(minor: 9)

    static func v1(_ minor: Int) -> Self { Self(minor: minor) }

    /// Earlier releases are smaller.
    public static func < (left: Self, right: Self) -> Bool { left.minor < right.minor }

    /// `1.9`.
    public var description: String { "1.\(self.minor)" }
}
