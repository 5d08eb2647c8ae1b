// SPDX-License-Identifier: Apache-2.0

import SavedModels
import TensorFlowRuntime

/// Collects strings: JSON strings, or objects whose only member `b64` is base64 of any bytes.
struct StringValues: TensorValues {
    private var values: [[UInt8]] = []

    var count: Int { self.values.count }

    mutating func append(_ index: Int, of document: JSONDocument) throws(RequestError) {
        let value = JSONValue(document: document, index: index)
        if value.isObject {
            self.values.append(try value.base64Bytes())
        } else if let string = value.string {
            self.values.append(string)
        } else {
            throw .wrongType(value, .string)
        }
    }

    func tensor(shape: [Int]) throws -> Tensor { try Tensor(strings: self.values, shape: shape) }
}

extension JSONValue {
    /// The bytes of a base64 object.
    func base64Bytes() throws(RequestError) -> [UInt8] {
        guard let text = self.base64Text else {
            throw RequestError(.invalidArgument, "JSON Value: \(self) not formatted correctly for base64 data")
        }
        guard let bytes = Base64.decode(text) else { throw RequestError(.invalidArgument, "Unable to base64 decode") }
        return bytes
    }
}
