// SPDX-License-Identifier: Apache-2.0

/// Operations that arrange elements anew.
extension ShapeRule {
    private static let unknown = TensorShape.unknownDimension

    func reshape() throws(SavedModelError) -> [Int]? {
        guard let dimensions = self.dimensions(0), var wanted = try self.integers(1), wanted.allSatisfy({ $0 >= -1 && $0 != 0 }) else { return nil }
        let open = wanted.indices.filter { wanted[$0] == Self.unknown }
        guard open.count <= 1 else { return nil }
        guard let count = TensorShape(dimensions).elementCount else {
            return dimensions.contains(Self.unknown) ? wanted : nil
        }
        guard let product = TensorShape(wanted.filter { $0 != Self.unknown }).elementCount, product > 0 else { return nil }
        guard let place = open.first else { return product == count ? wanted : nil }
        guard count > 0, count.isMultiple(of: product) else { return nil }
        wanted[place] = count / product
        return wanted
    }

    func concatenation() throws(SavedModelError) -> [Int]? {
        let count = self.inputs.count - 1
        guard count >= 1, var result = self.dimensions(0), let axis = try self.axis(count, rank: result.count) else { return nil }
        for input in 1..<max(1, count) {
            guard let other = self.dimensions(input), other.count == result.count else { return nil }
            for position in result.indices {
                if position == axis {
                    let isUnknown = result[position] == Self.unknown || other[position] == Self.unknown
                    result[position] = isUnknown ? Self.unknown : result[position] + other[position]
                } else {
                    guard let size = Self.merge(result[position], other[position]) else { return nil }
                    result[position] = size
                }
            }
        }
        return result
    }

    func pack() throws(SavedModelError) -> [Int]? {
        guard var result = self.merged(), let axis = Self.axis(try self.integer("axis", default: 0), rank: result.count + 1) else { return nil }
        result.insert(self.inputs.count, at: axis)
        return result
    }

    func pad() throws(SavedModelError) -> [Int]? {
        guard let dimensions = self.dimensions(0), let pads = try self.integers(1), pads.count == 2 * dimensions.count,
            pads.allSatisfy({ (0...Int(Int32.max)).contains($0) })
        else { return nil }
        return dimensions.indices.map { dimensions[$0] == Self.unknown ? Self.unknown : dimensions[$0] + pads[2 * $0] + pads[2 * $0 + 1] }
    }

    func squeeze() throws(SavedModelError) -> [Int]? {
        guard let dimensions = self.dimensions(0) else { return nil }
        let listed = try self.list("squeeze_dims")
        guard !listed.isEmpty else { return dimensions.contains(Self.unknown) ? nil : dimensions.filter { $0 != 1 } }
        var squeezed: Set<Int> = []
        for value in listed {
            guard let axis = Self.axis(value, rank: dimensions.count), [1, Self.unknown].contains(dimensions[axis]) else { return nil }
            squeezed.insert(axis)
        }
        return dimensions.indices.filter { !squeezed.contains($0) }.map { dimensions[$0] }
    }

    func expansion() throws(SavedModelError) -> [Int]? {
        guard var dimensions = self.dimensions(0), let axis = try self.axis(1, rank: dimensions.count + 1) else { return nil }
        dimensions.insert(1, at: axis)
        return dimensions
    }

    func transposition() throws(SavedModelError) -> [Int]? {
        guard let dimensions = self.dimensions(0), let order = try self.integers(1), order.sorted() == Array(dimensions.indices) else { return nil }
        return order.map { dimensions[$0] }
    }

    func gathering(_ operation: String) throws(SavedModelError) -> [Int]? {
        guard let table = self.dimensions(0), let indices = self.dimensions(1), !table.isEmpty,
            try self.integer("batch_dims", default: 0) == 0,
            let axis = operation == "Gather" ? 0 : try self.axis(2, rank: table.count)
        else { return nil }
        return table[..<axis] + indices + table[(axis + 1)...]
    }

    /// Equal parts along an axis.
    func split() throws(SavedModelError) -> [TensorShape]? {
        let count = try self.integer("num_split", default: 0)
        guard var dimensions = self.dimensions(1), let axis = try self.axis(0, rank: dimensions.count), (1...(1 << 12)).contains(count) else {
            return nil
        }
        if dimensions[axis] != Self.unknown {
            guard dimensions[axis].isMultiple(of: count) else { return nil }
            dimensions[axis] /= count
        }
        return Array(repeating: TensorShape(dimensions), count: count)
    }

    /// The largest along the last axis, and where they were.
    func top() throws(SavedModelError) -> [TensorShape]? {
        guard var dimensions = self.dimensions(0), let last = dimensions.indices.last, let number = try self.integers(1)?.first, number >= 0,
            dimensions[last] == Self.unknown || dimensions[last] >= number
        else { return nil }
        dimensions[last] = number
        return [TensorShape(dimensions), TensorShape(dimensions)]
    }
}
