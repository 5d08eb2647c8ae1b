// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import ModelClient
import ModelFetching
import SavedModels
import TensorFlowRuntime

/// An input of `model run`: `NAME=VALUE`, or `NAME=@FILE` with JSON, a NumPy array, a picture or a text.
struct RunInput {
    let name: String
    private let value: String
    private let options: PictureOptions

    init(_ argument: String, _ options: PictureOptions) throws {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            throw CommandFailure("bad-input", "“\(argument.prefix(40))” is not NAME=VALUE", remedy: "write --input 'x=[1, 2]' or --input x=@FILE")
        }
        self.name = String(argument[..<equals])
        self.value = String(argument[argument.index(after: equals)...])
        self.options = options
    }

    /// Makes the tensor that the signature wants.
    func tensor(for signature: Signature, library: TensorFlowLibrary) async throws -> Tensor {
        guard let info = signature.inputs[self.name] else {
            throw CommandFailure(
                "unknown-input", "the signature has no input “\(self.name)”",
                remedy: "its inputs are \(signature.inputs.keys.sorted().joined(separator: ", "))")
        }
        guard self.value.hasPrefix("@"), !self.value.hasPrefix("@@") else {
            let text = self.value.hasPrefix("@@") ? self.value.dropFirst() : self.value[...]
            return try self.decode(Array(text.utf8), self.value.hasPrefix("@@") ? .text : .automatic, info)
        }
        // FILE, or FILE#ARRAY for one of several arrays.
        let parts = self.value.dropFirst().split(separator: "#", maxSplits: 1)
        let path = parts.first.map(String.init) ?? ""
        let bytes = try InputFile.readAll(path)
        switch path.split(separator: ".").last?.lowercased() ?? "" {
        case "npy": return try self.fit(NumPyArray(decoding: bytes).tensor, info, path)
        case "npz": return try self.fit(try self.array(parts.count == 2 ? String(parts[1]) : nil, of: bytes, path), info, path)
        case "json": return try self.decode(bytes, .json, info)
        case "jpg", "jpeg", "png", "gif", "bmp":
            if info.dataType == .string { return try self.decode(bytes, .file, info) }
            return try self.fit(try await PictureDecoder(try self.options.graph(for: info), library: library).tensor(of: bytes), info, path)
        default: return try self.decode(bytes, .file, info)
        }
    }

    private func decode(_ bytes: [UInt8], _ form: PredictionInput.Form, _ info: TensorInfo) throws -> Tensor {
        let alone = Signature(inputs: [self.name: info], outputs: [:])
        let values = try PredictionInput.tensors([PredictionInput(name: self.name, value: bytes, form: form)], for: alone)
        guard let value = values[self.name] else { throw CommandFailure("bad-input", "input “\(self.name)” has no value") }
        return try value.tensor()
    }

    private func array(_ name: String?, of bytes: [UInt8], _ path: String) throws -> Tensor {
        let archive = try ZipArchive(bytes)
        let wanted = name ?? (archive.entries.count == 1 ? String(archive.entries[0].name.dropLast(4)) : self.name)
        guard let entry = archive.entries.first(where: { $0.name == wanted + ".npy" }) else {
            throw CommandFailure(
                "no-array", "\(path) has no array “\(wanted)”",
                remedy:
                    "write \(self.name)=@\(path)#ARRAY with one of \(archive.entries.map { String($0.name.dropLast(4)) }.joined(separator: ", "))",
                exitStatus: .badData)
        }
        return try NumPyArray(decoding: try archive.contents(of: entry)).tensor
    }

    /// Brings an array to the type that the signature wants, and adds the dimension of the batch where that alone is missing.
    private func fit(_ tensor: Tensor, _ info: TensorInfo, _ path: String) throws -> Tensor {
        guard let converted = tensor.converted(to: info.dataType.base) else {
            throw CommandFailure(
                "bad-input", "\(path) has elements of type \(tensor.dataType), input “\(self.name)” wants \(info.dataType)",
                remedy: "convert it first: x.astype(...)", exitStatus: .badData)
        }
        if info.shape.accepts(TensorShape(converted.shape)) { return converted }
        guard info.shape.accepts(TensorShape([1] + converted.shape)), converted.dataType != .string else {
            throw CommandFailure(
                "bad-input", "\(path) has the shape \(TensorShape(converted.shape)), input “\(self.name)” wants \(info.shape)", exitStatus: .badData)
        }
        return try converted.withBytes { bytes in
            // Sound: bytes have no padding.
            try unsafe Tensor(dataType: converted.dataType, shape: [1] + converted.shape, copying: bytes.bytes)
        }
    }
}
