// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The folder of one version of a model: `saved_model.pb`, `variables/`, `assets/`.
public struct SavedModelFolder: Hashable, Sendable {
    /// Name of the binary SavedModel.
    public static let modelFileName = "saved_model.pb"
    /// Names of the forms that are recognised in order to be refused, and what they are.
    private static let otherForms = [
        ("saved_model.pbtxt", "SavedModel in text form", "save the model in binary form"),
        ("saved_model.cpb", "SavedModel cut into chunks by TensorFlow's proto splitter", "save the model without experimental_image_format"),
    ]

    /// Where the folder lies.
    public let path: String

    /// Names a folder, which need not be there yet.
    public init(path: String) { self.path = path }

    /// Path of the binary SavedModel, there or not.
    public var modelPath: String { "\(self.path)/\(Self.modelFileName)" }

    /// Whether the folder looks like a version of a model, in whatever form.
    public var isModel: Bool {
        ([Self.modelFileName] + Self.otherForms.map(\.0)).contains { FileManager.default.fileExists(atPath: "\(self.path)/\($0)") }
    }

    /// Reads the model's description.
    ///
    /// - Throws: ``SavedModelError`` when it is not there, not one, or in a form that cannot be read; a file error when it cannot be opened.
    public func read(tags: Set<String> = SavedModel.servingTags) throws -> SavedModel {
        try SavedModel(decoding: try self.readFile(), tags: tags)
    }

    /// Reads the model's description, and its graph as it is serialized.
    func readWithGraph() throws -> (model: SavedModel, graph: [UInt8]) {
        let bytes = try self.readFile()
        let model = try SavedModel(decoding: bytes)
        // A message in several pieces is their concatenation.
        return (model, model.graphPieces.count == 1 ? Array(bytes[model.graphPieces[0]]) : model.graphPieces.flatMap { bytes[$0] })
    }

    /// Whether there is a checkpoint to restore variables from.
    var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: "\(self.path)/variables/variables.index") }

    private func readFile() throws -> [UInt8] {
        guard FileManager.default.fileExists(atPath: self.modelPath) else { throw self.absence }
        return try InputFile.readAll(self.modelPath, limit: SavedModel.maximumSize)
    }

    /// Size in bytes of all files of the folder.
    public var totalSize: Int {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: self.path)) ?? []
        return names.reduce(0) { total, name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: "\(self.path)/\(name)")
            guard let attributes, attributes[.type] as? FileAttributeType == .typeRegular else { return total }
            return total + (attributes[.size] as? Int ?? 0)
        }
    }

    private var absence: SavedModelError {
        for (name, meaning, remedy) in Self.otherForms where FileManager.default.fileExists(atPath: "\(self.path)/\(name)") {
            return SavedModelError(.unsupportedForm, "\(self.path)/\(name) is a \(meaning), which is not read", remedy: remedy)
        }
        return SavedModelError(
            .noSavedModel, "\(self.path) holds no \(Self.modelFileName)",
            remedy: "name a version's folder (MODEL/VERSION with saved_model.pb), or make one with `sealwright model convert`")
    }
}
