// SPDX-License-Identifier: Apache-2.0

import TOMLKit

/// A value of a manifest: TOML without what no manifest has.
enum ManifestValue: Hashable, Sendable {
    case string(String)
    case integer(Int)
    case boolean(Bool)
    case array([ManifestValue])
    case table([String: ManifestValue])
    /// A number with a fraction, or a date.
    case other

    init(_ value: some TOMLValueConvertible) {
        if let string = value.string {
            self = .string(string)
        } else if let boolean = value.bool {
            self = .boolean(boolean)
        } else if let integer = value.int {
            self = .integer(integer)
        } else if let array = value.array {
            self = .array(array.indices.map { Self(opening: array[$0]) })
        } else if let table = value.table {
            self = .table(table)
        } else {
            self = .other
        }
    }

    private init(opening value: any TOMLValueConvertible) { self.init(value) }

    static func table(_ table: TOMLTable) -> Self {
        .table(Dictionary(table.keys.compactMap { key in table[key].map { (key, Self(opening: $0)) } }) { first, _ in first })
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
    var array: [ManifestValue]? { if case .array(let value) = self { value } else { nil } }
    var table: [String: ManifestValue]? { if case .table(let value) = self { value } else { nil } }

    /// Whether the value is only known when the template is rendered.
    var isPlaceholder: Bool { self.string?.contains("{{") == true }
}
