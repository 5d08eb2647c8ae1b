// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow

/// Strings in TensorFlow's own form, made for one run.
///
/// TensorFlow may keep them beyond the run (an output can share them), so they are freed when the last user lets go of this object.
@safe
final class TensorStrings {
    private let library: TensorFlowLibrary
    private let elements: UnsafeMutablePointer<TF_TString>
    private let count: Int

    init(_ strings: [[UInt8]], library: TensorFlowLibrary) {
        self.library = library
        let elements = UnsafeMutablePointer<TF_TString>.allocate(capacity: strings.count)
        for (index, string) in strings.enumerated() {
            // Sound: the index is below the capacity; TensorFlow copies the bytes while they are lent.
            let element = unsafe elements + index
            unsafe library.functions.StringInit(element)
            unsafe string.withUnsafeBytes { bytes in
                unsafe library.functions.StringCopy(element, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
        unsafe self.elements = unsafe elements
        self.count = strings.count
    }

    deinit {
        for index in 0..<self.count { unsafe self.library.functions.StringDealloc(self.elements + index) }
        unsafe self.elements.deallocate()
    }

    var start: UnsafeRawPointer { unsafe UnsafeRawPointer(self.elements) }
    var byteCount: Int { self.count * MemoryLayout<TF_TString>.stride }
}
