// SPDX-License-Identifier: Apache-2.0

import SwiftProtobuf

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The declarations of the services that the server offers, as protoc read them.
struct DescriptorRegistry: Sendable {
    /// A serialised FileDescriptorProto.
    typealias SerializedFile = Data

    private struct File: Sendable {
        let serialized: SerializedFile
        let imports: [String]
    }

    /// The full names of all services.
    let services: [String]
    private var files: [String: File] = [:]
    /// The file that declares each symbol, by full name.
    private var symbols: [String: String] = [:]

    /// Reads what was generated.
    ///
    /// - Throws: only if the generated text were damaged.
    init() throws {
        let bytes = Data(base64Encoded: serializedFileDescriptors, options: .ignoreUnknownCharacters) ?? Data()
        let set = try Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)
        self.services = set.file.flatMap { file in file.service.map { Self.join(file.package, $0.name) } }.sorted()
        for file in set.file {
            self.files[file.name] = File(serialized: try file.serializedBytes(), imports: file.dependency)
            self.declare(file)
        }
    }

    private mutating func declare(_ file: Google_Protobuf_FileDescriptorProto) {
        for message in file.messageType { self.declare(message, within: file.package, of: file.name) }
        for type in file.enumType { self.symbols[Self.join(file.package, type.name)] = file.name }
        for service in file.service {
            let name = Self.join(file.package, service.name)
            self.symbols[name] = file.name
            for method in service.method { self.symbols[Self.join(name, method.name)] = file.name }
        }
    }

    private mutating func declare(_ message: Google_Protobuf_DescriptorProto, within scope: String, of file: String) {
        let name = Self.join(scope, message.name)
        self.symbols[name] = file
        for field in message.field { self.symbols[Self.join(name, field.name)] = file }
        for type in message.enumType { self.symbols[Self.join(name, type.name)] = file }
        for nested in message.nestedType { self.declare(nested, within: name, of: file) }
    }

    private static func join(_ scope: String, _ name: String) -> String { scope.isEmpty ? name : "\(scope).\(name)" }

    /// A file and all that it imports, itself first; `nil` when there is none of the name.
    func files(of name: String) -> [SerializedFile]? {
        guard self.files[name] != nil else { return nil }
        var order = [name]
        var index = 0
        while index < order.count {
            for imported in self.files[order[index]]?.imports ?? [] where !order.contains(imported) { order.append(imported) }
            index += 1
        }
        return order.compactMap { self.files[$0]?.serialized }
    }

    /// The file that declares a symbol, and all that it imports; `nil` when none does.
    func files(declaring symbol: String) -> [SerializedFile]? { self.symbols[symbol].flatMap { self.files(of: $0) } }
}
