// SPDX-License-Identifier: Apache-2.0

/// Elementwise operations, reductions and products of matrices.
extension ShapeRule {
    private static let unknown = TensorShape.unknownDimension

    func broadcast(_ left: Int, _ right: Int) -> [Int]? { self.dimensions(left).flatMap { self.broadcast($0, self.dimensions(right)) } }

    /// The shape to which both are stretched: a dimension of 1 takes the other's size.
    func broadcast(_ left: [Int], _ right: [Int]?) -> [Int]? {
        guard let right else { return nil }
        let rank = max(left.count, right.count)
        var result: [Int] = []
        for position in 0..<rank {
            let x = position < rank - left.count ? 1 : left[position - (rank - left.count)]
            let y = position < rank - right.count ? 1 : right[position - (rank - right.count)]
            switch (x, y) {
            case (1, _): result.append(y)
            case (_, 1): result.append(x)
            case (Self.unknown, _): result.append(y)
            case (_, Self.unknown): result.append(x)
            default:
                guard x == y else { return nil }
                result.append(x)
            }
        }
        return result
    }

    /// The size that two dimensions which have to be equal have; `nil` when they are not.
    static func merge(_ left: Int, _ right: Int) -> Int? {
        if left == self.unknown { return right }
        return right == self.unknown || left == right ? left : nil
    }

    /// What all inputs, which have to be of one shape, tell together.
    func merged() -> [Int]? {
        guard var result = self.dimensions(0) else { return nil }
        for input in self.inputs.indices.dropFirst() {
            guard let other = self.dimensions(input), other.count == result.count else { return nil }
            for position in result.indices {
                guard let size = Self.merge(result[position], other[position]) else { return nil }
                result[position] = size
            }
        }
        return result
    }

    func reduction() throws(SavedModelError) -> [Int]? {
        guard let dimensions = self.dimensions(0), let axes = try self.integers(1) else { return nil }
        var reduced: Set<Int> = []
        for axis in axes {
            guard let axis = Self.axis(axis, rank: dimensions.count), reduced.insert(axis).inserted else { return nil }
        }
        let isKept = try self.boolean("keep_dims")
        return dimensions.indices.compactMap { reduced.contains($0) ? (isKept ? 1 : nil) : dimensions[$0] }
    }

    /// The position of the largest or smallest element along an axis, which goes.
    func argument() throws(SavedModelError) -> [Int]? {
        guard var dimensions = self.dimensions(0), let axis = try self.axis(1, rank: dimensions.count) else { return nil }
        dimensions.remove(at: axis)
        return dimensions
    }

    func matrixProduct() throws(SavedModelError) -> [Int]? {
        guard let left = self.dimensions(0), let right = self.dimensions(1), left.count == 2, right.count == 2 else { return nil }
        return Self.product(left, right, try self.boolean("transpose_a"), try self.boolean("transpose_b"))
    }

    func batchedMatrixProduct(_ operation: String) throws(SavedModelError) -> [Int]? {
        guard let left = self.dimensions(0), let right = self.dimensions(1), left.count >= 2, right.count >= 2,
            let product = Self.product(left.suffix(2), right.suffix(2), try self.boolean("adj_x"), try self.boolean("adj_y"))
        else { return nil }
        // Only the newer operation stretches batches.
        guard operation == "BatchMatMulV2" || left.dropLast(2) == right.dropLast(2) else { return nil }
        return self.broadcast(Array(left.dropLast(2)), Array(right.dropLast(2))).map { $0 + product }
    }

    private static func product(_ left: some Collection<Int>, _ right: some Collection<Int>, _ flipsLeft: Bool, _ flipsRight: Bool) -> [Int]? {
        let left = flipsLeft ? Array(left.reversed()) : Array(left)
        let right = flipsRight ? Array(right.reversed()) : Array(right)
        return self.merge(left[1], right[0]) == nil ? nil : [left[0], right[1]]
    }
}
