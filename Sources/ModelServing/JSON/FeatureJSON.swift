// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf
import TensorFlowProtos

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Collects the values of one feature of an example, all of which must be of one kind.
///
/// The kind is told by the JSON token: 2 makes a list of integers, 2.0 one of floats.
struct FeatureJSON {
    private let name: String
    private(set) var feature = Tensorflow_Feature()

    init(name: String) { self.name = name }

    mutating func append(_ value: JSONValue) throws(RequestError) {
        switch value.token.kind {
        case .null, .array: throw self.unexpectedType(value)
        case .true: try self.append(1 as Int64)
        case .false: try self.append(0 as Int64)
        case .string, .escapedString: try self.append(value.string ?? [])
        case .object:
            guard value.base64Text != nil else { throw self.unexpectedType(value) }
            // The kind is looked at first.
            try self.requireBytes()
            try self.append(try value.base64Bytes())
        case .real: try self.append(Float(value.document.double(value.token)))
        case .integer:
            if let integer = value.document.integer(value.token, as: Int64.self) {
                try self.append(integer)
            } else if value.document.integer(value.token, as: UInt64.self) != nil {
                try self.requireIntegers()
                throw RequestError(.invalidArgument, "Feature: \(self.name) has uint64_t element. Only int64_t is supported.")
            } else {
                // RapidJSON keeps what is beyond 64 bits as a double.
                try self.append(Float(value.document.double(value.token)))
            }
        }
    }

    private mutating func append(_ value: Int64) throws(RequestError) {
        try self.requireIntegers()
        self.feature.int64List.value.append(value)
    }

    private mutating func append(_ value: Float) throws(RequestError) {
        switch self.feature.kind {
        case nil, .floatList: self.feature.floatList.value.append(value)
        default: throw self.mixedKinds()
        }
    }

    private mutating func append(_ value: [UInt8]) throws(RequestError) {
        try self.requireBytes()
        self.feature.bytesList.value.append(Data(value))
    }

    private func requireIntegers() throws(RequestError) {
        switch self.feature.kind {
        case nil, .int64List: return
        default: throw self.mixedKinds()
        }
    }

    private func requireBytes() throws(RequestError) {
        switch self.feature.kind {
        case nil, .bytesList: return
        default: throw self.mixedKinds()
        }
    }

    private func unexpectedType(_ value: JSONValue) -> RequestError {
        RequestError(.invalidArgument, "Feature: \(self.name) has element with unexpected JSON type: \(value.typeName)")
    }

    private func mixedKinds() -> RequestError {
        let kind =
            switch self.feature.kind {
            case .bytesList: "bytes"
            case .floatList: "float"
            case .int64List: "int64"
            case nil: "UNKNOWN"
            }
        return RequestError(.invalidArgument, "Unexpected element type in feature: \(self.name) expecting type: \(kind)")
    }
}
