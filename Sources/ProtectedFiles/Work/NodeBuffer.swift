// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding

/// Memory for some nodes, whose content one worker reads, ciphers in place and writes; wiped at the end.
@safe
final class NodeBuffer {
    private let bytes: UnsafeMutableRawBufferPointer

    init(nodes: Int) {
        // Aligned as pages are, which is what the kernel copies fastest.
        let count = nodes * NodeGeometry.nodeSize
        unsafe self.bytes = .allocate(byteCount: count, alignment: NodeGeometry.nodeSize)
        // Sound: the memory was just allocated with that size.
        unsafe self.bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit {
        if let start = unsafe self.bytes.baseAddress { unsafe wipe(start, byteCount: self.bytes.count) }
        unsafe self.bytes.deallocate()
    }

    /// The bytes of a range, which must not be used after the buffer is gone.
    func slice(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        // Sound: slicing is bounds-checked.
        unsafe UnsafeMutableRawBufferPointer(rebasing: self.bytes[range])
    }
}

extension UnsafeRawBufferPointer {
    /// Lends the bytes as a span.
    func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
        // Sound: the span cannot outlive the call, for which the caller vouches for the memory.
        try body(unsafe Span(_unsafeElements: self.bindMemory(to: UInt8.self)))
    }
}
