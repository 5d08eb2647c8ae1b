// SPDX-License-Identifier: Apache-2.0

/// A value of a manifest: TOML without what no manifest has.
enum ManifestValue: Hashable, Sendable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([ManifestValue])
    case table([String: ManifestValue])
    /// A number with a fraction, or a date.
    case other

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    var array: [ManifestValue]? { if case .array(let value) = self { value } else { nil } }
    var table: [String: ManifestValue]? { if case .table(let value) = self { value } else { nil } }

    /// Whether the value is only known when the template is rendered.
    var isPlaceholder: Bool { self.string?.contains("{{") == true }
}
