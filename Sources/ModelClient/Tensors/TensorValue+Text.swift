// SPDX-License-Identifier: Apache-2.0

import SavedModels

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension TensorValue {
    /// How many elements there are.
    public var elementCount: Int { self.shape.reduce(1, *) }

    /// The elements as JSON: nested lists in the tensor's shape.
    ///
    /// Strings that are not UTF-8 become `{"b64": "..."}`; NaN and the infinities stand bare, as in TensorFlow Serving's REST answers;
    /// a complex number is a list of two.
    public var json: String {
        var next = 0
        return self.nested(0, &next)
    }

    /// The first elements in one line, for people.
    ///
    /// - Parameter limit: how many elements are shown.
    /// - Returns: the elements, separated by commas.
    public func summary(limit: Int) -> String {
        let shown = (0..<min(limit, self.elementCount)).map { self.element($0) }.joined(separator: ", ")
        let more = self.elementCount > limit ? ", ... \(self.elementCount - limit) more" : ""
        return self.shape.isEmpty ? shown : "[\(shown)\(more)]"
    }

    private func nested(_ level: Int, _ next: inout Int) -> String {
        guard level < self.shape.count else {
            defer { next += 1 }
            return self.element(next)
        }
        var parts: [String] = []
        for _ in 0..<self.shape[level] { parts.append(self.nested(level + 1, &next)) }
        return "[\(parts.joined(separator: ", "))]"
    }

    private func element(_ index: Int) -> String {
        switch self.elements {
        case .floats(let values): Self.number(values[index])
        case .doubles(let values): Self.number(values[index])
        case .integers(let values): "\(values[index])"
        case .unsignedIntegers(let values): "\(values[index])"
        case .bools(let values): "\(values[index])"
        case .strings(let values): Self.string(values[index])
        case .complexFloats(let values): "[\(Self.number(values[2 * index])), \(Self.number(values[2 * index + 1]))]"
        case .complexDoubles(let values): "[\(Self.number(values[2 * index])), \(Self.number(values[2 * index + 1]))]"
        }
    }

    /// The shortest text that reads back as the same number.
    private static func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Number) -> String {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : value.description
    }

    private static func string(_ bytes: [UInt8]) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { return "{\"b64\": \"\(Data(bytes).base64EncodedString())\"}" }
        return text.jsonQuoted
    }
}

extension String {
    /// The text as a JSON string.
    package var jsonQuoted: String {
        var quoted = "\""
        for scalar in self.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
