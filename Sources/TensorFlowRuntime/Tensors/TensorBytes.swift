// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The elements of a tensor in memory: our own allocation or TensorFlow's, never changed once they are here.
@safe
final class TensorBytes: @unchecked Sendable {
    // Proof for @unchecked Sendable: the memory is written only inside the initializer that allocates it, before any other
    // thread can know of the object, and read only from then on. TensorFlow's side keeps to the same rule: a buffer that is
    // fed to a session is held by two owners, and kernels write in place only to buffers that have one and that TensorFlow
    // allocated itself; a fetched buffer is held by this object beside its origin. The one exception, reference variables,
    // is copied by the session (see `TensorTransfer`).

    @unsafe private enum Owner {
        /// Memory from `calloc` or `malloc`, to be given to `free`.
        case allocation(UnsafeMutableRawPointer)
        /// A tensor that TensorFlow returned, to be deleted.
        case tensorFlow(OpaquePointer, TensorFlowLibrary)
    }

    /// TensorFlow takes memory without copying if it is aligned for its widest vectors.
    private static let alignment = 64

    let buffer: UnsafeRawBufferPointer
    private let owner: Owner

    /// Allocates `count` bytes, all zero, and lets `initialize` fill them.
    init(count: Int, initializingWith initialize: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        guard let memory = unsafe calloc(1, count + Self.alignment) else {
            throw TensorFlowError(.resourceExhausted, "tensor-too-large", "no memory for a tensor of \(count) bytes")
        }
        let start = unsafe memory.alignedUp(toMultipleOf: Self.alignment)
        unsafe self.owner = unsafe .allocation(memory)
        unsafe self.buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
        // On failure the object is released, and with it the memory.
        try unsafe initialize(UnsafeMutableRawBufferPointer(start: start, count: count))
    }

    /// Allocates memory for the bytes of `source` and copies them.
    init(copying source: RawSpan) throws(TensorFlowError) {
        let count = source.byteCount
        // Not cleared: every byte is written next.
        guard let memory = unsafe malloc(count + Self.alignment) else {
            throw TensorFlowError(.resourceExhausted, "tensor-too-large", "no memory for a tensor of \(count) bytes")
        }
        let start = unsafe memory.alignedUp(toMultipleOf: Self.alignment)
        // Sound: the allocation has `count` bytes from the aligned start on, and the source is used only inside the closure.
        unsafe source.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(start: start, count: count).copyMemory(from: $0) }
        unsafe self.owner = unsafe .allocation(memory)
        unsafe self.buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
    }

    /// Takes over a tensor that TensorFlow made, with the memory it holds.
    init(adopting tensor: OpaquePointer, data: UnsafeRawPointer, count: Int, library: TensorFlowLibrary) {
        unsafe self.buffer = unsafe UnsafeRawBufferPointer(start: data, count: count)
        unsafe self.owner = unsafe .tensorFlow(tensor, library)
    }

    deinit {
        switch unsafe self.owner {
        case .allocation(let memory): unsafe free(memory)
        case .tensorFlow(let tensor, let library): unsafe library.functions.DeleteTensor(tensor)
        }
    }
}
