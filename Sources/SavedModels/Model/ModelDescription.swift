// SPDX-License-Identifier: Apache-2.0

/// What `model show` tells of a version of a model; its properties are the keys of the JSON form.
public struct ModelDescription: Codable, Hashable, Sendable {
    /// One tensor of a signature.
    public struct Tensor: Codable, Hashable, Sendable {
        /// TensorFlow's name of the element type.
        public let dtype: String
        /// Sizes of the dimensions, -1 where unknown; absent when the rank is unknown.
        public let shape: [Int]?
        /// Names in the graph: one for a dense tensor, more for sparse and composite ones.
        public let tensors: [String]
    }

    /// One signature.
    public struct SignatureEntry: Codable, Hashable, Sendable {
        /// Name of the call it is made for.
        public let method: String
        /// Inputs by key.
        public let inputs: [String: Tensor]
        /// Outputs by key.
        public let outputs: [String: Tensor]
        /// Inputs that a client may leave out.
        public let optionalInputs: [String]
    }

    /// The version's folder.
    public let folder: String
    /// Its number, where the folder is named by one.
    public let version: Int64?
    /// Tags of the meta graph.
    public let tags: [String]
    /// The TensorFlow that wrote it, where it says so.
    public let tensorFlowVersion: String?
    /// Bytes of `saved_model.pb`.
    public let modelBytes: Int
    /// Bytes of its graph, constants included.
    public let graphBytes: Int
    /// Bytes of all files in the folder.
    public let folderBytes: Int
    /// Whether variables are restored when it is loaded.
    public let hasVariables: Bool
    /// Files in `assets/` that it reads.
    public let assets: [String]
    /// Signatures by key.
    public let signatures: [String: SignatureEntry]

    /// Describes a model that was read from `folder`.
    public init(_ model: SavedModel, folder: SavedModelFolder) {
        (self.folder, self.version) = Self.place(folder)
        self.tags = model.tags.sorted()
        self.tensorFlowVersion = model.tensorFlowVersion.isEmpty ? nil : model.tensorFlowVersion
        self.modelBytes = model.size
        self.graphBytes = model.graphSize
        self.folderBytes = folder.totalSize
        self.hasVariables = model.hasSaver
        self.assets = model.assetNames
        self.signatures = model.signatures.mapValues { SignatureEntry($0) }
    }
}

extension ModelDescription {
    /// Describes a model that was just written to `folder`, without reading it again.
    public init(_ model: ConvertedModel, folder: SavedModelFolder) {
        (self.folder, self.version) = Self.place(folder)
        self.tags = SavedModel.servingTags.sorted()
        self.tensorFlowVersion = nil
        self.modelBytes = model.size
        self.graphBytes = model.graphSize
        self.folderBytes = folder.totalSize
        self.hasVariables = model.variableCount > 0
        self.assets = []
        self.signatures = [model.signatureKey: SignatureEntry(model.signature)]
    }

    /// The folder's path without a slash at its end, and the version that its name is.
    private static func place(_ folder: SavedModelFolder) -> (String, Int64?) {
        let path = folder.path.hasSuffix("/") ? folder.path.dropLast() : folder.path[...]
        return (String(path), path.split(separator: "/").last.flatMap { ModelFolder.versionNumber($0) })
    }
}

extension ModelDescription.SignatureEntry {
    init(_ signature: Signature) {
        self.method = signature.methodName
        self.inputs = signature.inputs.mapValues { ModelDescription.Tensor($0) }
        self.outputs = signature.outputs.mapValues { ModelDescription.Tensor($0) }
        self.optionalInputs = signature.optionalInputs.sorted()
    }
}

extension ModelDescription.Tensor {
    init(_ info: TensorInfo) {
        self.dtype = info.dataType.name
        self.shape = info.shape.dimensions
        self.tensors = info.tensorNames
    }
}

extension TensorInfo {
    /// Names of all tensors that make the value.
    var tensorNames: [String] {
        switch self.encoding {
        case .dense(let name): [name]
        case .sparse(let values, let indices, let denseShape): [values, indices, denseShape]
        case .composite(let parts): parts.flatMap(\.tensorNames)
        }
    }
}
