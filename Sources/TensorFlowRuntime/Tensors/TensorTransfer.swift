// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow
internal import SavedModels

/// Tensors on their way into TensorFlow and out of it.
@safe
struct TensorTransfer {
    let library: TensorFlowLibrary

    /// Makes TensorFlow's form of a tensor, which shares its memory; to be deleted by the caller.
    func lend(_ tensor: Tensor) throws(TensorFlowError) -> OpaquePointer {
        try self.requireKnown(tensor.dataType)
        let dimensions = tensor.shape.map { Int64($0) }
        let made: OpaquePointer? =
            if tensor.elementCount == 0 {
                // Tensors of no elements are made only this way: others crash the process when they are looked at.
                unsafe self.library.functions.AllocateTensor(tensor.dataType.rawValue, dimensions, Int32(dimensions.count), 0)
            } else {
                switch tensor.content {
                case .bytes(let bytes):
                    unsafe self.make(tensor.dataType, dimensions, at: bytes.buffer.baseAddress, count: bytes.buffer.count, owner: bytes)
                case .strings(let strings):
                    unsafe self.make(strings, dimensions)
                }
            }
        guard let made = unsafe made else {
            throw TensorFlowError(
                .internal, "tensor-refused", "TensorFlow refused a tensor of type \(tensor.dataType) and shape \(tensor.shape)")
        }
        return unsafe made
    }

    /// A type that only a later TensorFlow knows would end the process.
    private func requireKnown(_ dataType: DataType) throws(TensorFlowError) {
        let size = self.library.functions.DataTypeSize(dataType.rawValue)
        guard dataType == .string || size == dataType.elementSize else {
            throw TensorFlowError(
                .invalidArgument, "unsupported-data-type", "TensorFlow \(self.library.version) does not know the type \(dataType)")
        }
    }

    private func make(_ strings: [[UInt8]], _ dimensions: [Int64]) -> OpaquePointer? {
        let array = TensorStrings(strings, library: self.library)
        return unsafe self.make(.string, dimensions, at: array.start, count: array.byteCount, owner: array)
    }

    /// Wraps memory that `owner` keeps; the owner is released when the last user inside TensorFlow is done with it.
    private func make(
        _ dataType: DataType, _ dimensions: [Int64], at start: UnsafeRawPointer?, count: Int, owner: AnyObject
    ) -> OpaquePointer? {
        // Sound: TensorFlow calls the function exactly once, also when it refuses, and reads the memory only until then.
        // It takes a mutable pointer but never writes to memory that it does not own.
        unsafe self.library.functions.NewTensor(
            dataType.rawValue, dimensions, Int32(dimensions.count), UnsafeMutableRawPointer(mutating: start), count,
            { _, _, context in
                if let context = unsafe context { unsafe Unmanaged<AnyObject>.fromOpaque(context).release() }
            }, Unmanaged.passRetained(owner).toOpaque())
    }

    /// Takes over a tensor that TensorFlow returned, and deletes it when it is not needed any more.
    ///
    /// It is copied if `copying` says that others may still write to its memory.
    func adopt(_ tensor: OpaquePointer, copying: Bool) throws -> Tensor {
        var adopted = false
        defer { if !adopted { unsafe self.library.functions.DeleteTensor(tensor) } }
        let dataType = DataType(rawValue: unsafe self.library.functions.TensorType(tensor))
        guard dataType == .string || dataType.elementSize != nil else {
            throw TensorFlowError(.unimplemented, "unsupported-data-type", "an output has the type \(dataType), which can't leave TensorFlow")
        }
        let shape = unsafe (0..<self.library.functions.NumDims(tensor)).map { unsafe Int(self.library.functions.Dim(tensor, $0)) }
        let count = try Tensor.elementCount(of: shape)
        if dataType == .string {
            return try Tensor(strings: unsafe self.strings(of: tensor, count: count), shape: shape)
        }
        // The size of a tensor without elements must not even be asked for.
        guard count > 0 else { return try unsafe Tensor(dataType: dataType, shape: shape) { _ in } }
        let byteCount = unsafe self.library.functions.TensorByteSize(tensor)
        guard let size = dataType.elementSize, byteCount == count * size, let data = unsafe self.library.functions.TensorData(tensor) else {
            throw TensorFlowError(.internal, "tensor-size-mismatch", "an output of type \(dataType) and shape \(shape) has \(byteCount) bytes")
        }
        if copying {
            // Sound: both sides have `byteCount` bytes, and the original lives until this function ends.
            let original = unsafe UnsafeRawBufferPointer(start: data, count: byteCount)
            return try unsafe Tensor(dataType: dataType, shape: shape) { unsafe $0.copyMemory(from: original) }
        }
        adopted = true
        let bytes = unsafe TensorBytes(adopting: tensor, data: data, count: byteCount, library: self.library)
        return Tensor(dataType: dataType, shape: shape, elementCount: count, content: .bytes(bytes))
    }

    private func strings(of tensor: OpaquePointer, count: Int) throws(TensorFlowError) -> [[UInt8]] {
        guard count > 0 else { return [] }
        let size = MemoryLayout<TF_TString>.stride
        guard unsafe self.library.functions.TensorByteSize(tensor) == count * size, let data = unsafe self.library.functions.TensorData(tensor) else {
            throw TensorFlowError(.internal, "tensor-size-mismatch", "an output of \(count) strings has an unexpected size")
        }
        // Sound: the size was just checked, and the strings are copied while the tensor lives.
        let elements = unsafe data.assumingMemoryBound(to: TF_TString.self)
        return (0..<count).map { index in
            let element = unsafe elements + index
            let length = unsafe self.library.functions.StringGetSize(element)
            return unsafe [UInt8](UnsafeRawBufferPointer(start: self.library.functions.StringGetDataPointer(element), count: length))
        }
    }
}
