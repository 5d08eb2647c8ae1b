// SPDX-License-Identifier: Apache-2.0

public import SavedModels

extension TensorValue {
    /// Makes a tensor of a JSON text, in the type and, where it is not ambiguous, the shape that a signature declares.
    ///
    /// Lists give the shape. Where their depth is not the declared rank, a single value or a flat list is shaped as declared if its number
    /// of elements leaves no choice, and one example gets the dimension of the batch.
    ///
    /// - Parameters:
    ///   - text: the JSON.
    ///   - info: what the signature says of the input.
    ///   - name: how errors name the input.
    /// - Throws: ``ModelClientError/Code/badInput``.
    public init(json text: [UInt8], for info: TensorInfo, name: String) throws(ModelClientError) {
        let json: JSONTensor
        do {
            json = try JSONTensor(decoding: text)
        } catch {
            throw ModelClientError(
                .badInput, "input \(name) is not JSON that stands for a tensor: \(error.problem), at offset \(error.offset)",
                remedy: "write numbers and nested lists of equal length, such as [[1, 2], [3, 4]]")
        }
        let dataType = info.dataType.base
        let elements = try Self.elements(of: json.scalars, as: dataType, name: name)
        self.init(dataType: dataType, shape: try Self.fit(json.shape, to: info.shape, name: name), elements: elements)
    }

    /// Makes a string tensor of one text, with as many dimensions as a signature declares.
    ///
    /// - Throws: ``ModelClientError/Code/badInput`` when the signature wants numbers, or more than one string.
    public init(text: [UInt8], for info: TensorInfo, name: String) throws(ModelClientError) {
        guard info.dataType.base == .string else {
            throw ModelClientError(.badInput, "input \(name) is of type \(info.dataType), not a text", remedy: "give JSON")
        }
        self.init(dataType: .string, shape: try Self.fit([], to: info.shape, name: name), elements: .strings([text]))
    }

    private static func elements(of scalars: [JSONTensor.Scalar], as dataType: DataType, name: String) throws(ModelClientError) -> Elements {
        switch dataType {
        case .float, .half, .bfloat16: .floats(try Self.convert(scalars, name, dataType) { Self.number($0).map(Float.init) })
        case .double: .doubles(try Self.convert(scalars, name, dataType, Self.number))
        case .int64: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, Int64.self) })
        case .int32, .qint32: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, Int32.self).map(Int64.init) })
        case .int16, .qint16: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, Int16.self).map(Int64.init) })
        case .int8, .qint8: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, Int8.self).map(Int64.init) })
        case .uint16, .quint16: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, UInt16.self).map(Int64.init) })
        case .uint8, .quint8: .integers(try Self.convert(scalars, name, dataType) { Self.integer($0, UInt8.self).map(Int64.init) })
        case .uint32: .unsignedIntegers(try Self.convert(scalars, name, dataType) { Self.integer($0, UInt32.self).map(UInt64.init) })
        case .uint64: .unsignedIntegers(try Self.convert(scalars, name, dataType) { Self.integer($0, UInt64.self) })
        case .bool: .bools(try Self.convert(scalars, name, dataType) { if case .bool(let value) = $0 { value } else { nil } })
        case .string: .strings(try Self.convert(scalars, name, dataType) { if case .string(let value) = $0 { value } else { nil } })
        default: throw ModelClientError(.badInput, "input \(name) is of type \(dataType), which cannot be written in JSON")
        }
    }

    private static func convert<Element>(
        _ scalars: [JSONTensor.Scalar], _ name: String, _ dataType: DataType, _ body: (JSONTensor.Scalar) -> Element?
    ) throws(ModelClientError) -> [Element] {
        var elements: [Element] = []
        elements.reserveCapacity(scalars.count)
        for scalar in scalars {
            guard let element = body(scalar) else {
                throw ModelClientError(.badInput, "input \(name) is of type \(dataType), and its element \(elements.count) does not fit it")
            }
            elements.append(element)
        }
        return elements
    }

    private static func number(_ scalar: JSONTensor.Scalar) -> Double? {
        guard case .number(let text) = scalar else { return nil }
        switch text {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: return Double(text)
        }
    }

    private static func integer<Number: FixedWidthInteger>(_ scalar: JSONTensor.Scalar, _: Number.Type) -> Number? {
        guard case .number(let text) = scalar else { return nil }
        return Number(text)
    }

    /// The shape that a signature's declaration turns the lists of a text into.
    private static func fit(_ shape: [Int], to declared: TensorShape, name: String) throws(ModelClientError) -> [Int] {
        guard let wanted = declared.dimensions, wanted.count != shape.count else { return shape }
        let unknown = wanted.filter { $0 == TensorShape.unknownDimension }.count
        if shape.count <= 1, let known = TensorShape(wanted.filter { $0 != TensorShape.unknownDimension }).elementCount {
            let count = shape.first ?? 1
            if unknown == 0, known == count { return wanted }
            if unknown == 1, known > 0, count.isMultiple(of: known) {
                return wanted.map { $0 == TensorShape.unknownDimension ? count / known : $0 }
            }
            if shape.isEmpty, known == 1 { return wanted.map { _ in 1 } }
        }
        if wanted.count == shape.count + 1, TensorShape(wanted).accepts(TensorShape([1] + shape)) { return [1] + shape }
        throw ModelClientError(
            .badInput, "input \(name) has the shape \(TensorShape(shape)), the model wants \(declared)",
            remedy: "nest the lists as deep as the model's shape")
    }
}
