// SPDX-License-Identifier: Apache-2.0

/// A tensor that the user made an input or an output: `node`, `node:port`, or `key=node:port`.
public struct TensorSelection: Hashable, Sendable {
    /// The key in the signature; `nil` for one made from the tensor's name.
    public let key: String?
    /// The tensor's name, with or without port.
    public let tensor: String

    /// Selects a tensor under a key.
    public init(key: String? = nil, tensor: String) {
        self.key = key
        self.tensor = tensor
    }

    /// Reads `node`, `node:port` or `key=node:port`.
    public init(parsing text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 {
            self.init(key: String(parts[0]), tensor: String(parts[1]))
        } else {
            self.init(tensor: text)
        }
    }

    /// Reads several, separated by commas.
    public static func list(parsing text: String) -> [TensorSelection] {
        text.split(separator: ",").map { part in
            TensorSelection(parsing: String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
