// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
package import TensorFlowProtos

/// The shape of a tensor, as far as it is known.
public struct TensorShape: Hashable, Sendable {
    /// What stands for a dimension whose size is not known.
    public static let unknownDimension = -1

    /// Size of each dimension, -1 where it is not known; `nil` when not even their number is known.
    public let dimensions: [Int]?

    /// A shape of known rank; no dimensions make a scalar.
    ///
    /// A size below -1 is not a shape's: check it before.
    public init(_ dimensions: [Int]) {
        self.dimensions = dimensions
    }

    private init(unknown: Void) { self.dimensions = nil }

    /// The shape of which nothing is known.
    public static let unknownRank = TensorShape(unknown: ())
    /// The shape of a single value.
    public static let scalar = TensorShape([])

    /// Number of dimensions, `nil` when unknown.
    public var rank: Int? { self.dimensions?.count }

    /// Number of elements; `nil` when a dimension is unknown or the product does not fit an `Int`.
    public var elementCount: Int? {
        guard let dimensions = self.dimensions else { return nil }
        var count = 1
        for size in dimensions {
            guard size >= 0 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }

    /// Whether a tensor of the fully known shape `other` fits: same rank, and same size wherever this one is known.
    public func accepts(_ other: TensorShape) -> Bool {
        guard let mine = self.dimensions else { return true }
        guard let theirs = other.dimensions, mine.count == theirs.count else { return false }
        return zip(mine, theirs).allSatisfy { $0 == Self.unknownDimension || $0 == $1 }
    }
}

extension TensorShape: CustomStringConvertible {
    /// As `saved_model_cli` prints it: `(-1, 224, 3)`, `()` for a scalar, `unknown_rank`.
    public var description: String {
        guard let dimensions = self.dimensions else { return "unknown_rank" }
        return "(" + dimensions.map(String.init).joined(separator: ", ") + ")"
    }
}

extension TensorShape {
    /// Takes over a message; sizes below -1 count as unknown.
    package init(_ message: Tensorflow_TensorShapeProto) {
        self = message.unknownRank ? .unknownRank : TensorShape(message.dim.map { max(Self.unknownDimension, Int($0.size)) })
    }

    /// The shape as a message.
    package var message: Tensorflow_TensorShapeProto {
        .with {
            $0.unknownRank = self.dimensions == nil
            $0.dim = (self.dimensions ?? []).map { size in .with { $0.size = Int64(size) } }
        }
    }
}
