// SPDX-License-Identifier: Apache-2.0

extension Array where Element == UInt8 {
    /// Copies a span into a new array.
    package init(copying span: Span<UInt8>) {
        self = []
        self.append(copying: span)
    }

    /// Appends the bytes of a span.
    package mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { source in
            // Sound: the pointer is read only inside the closure, within the span's own bounds.
            unsafe self.append(contentsOf: source)
        }
    }
}
