// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file whose bytes are read in place: they come into memory when they are looked at, and may leave it again.
///
/// It is for large files of the user who runs the command. Whoever shortens the file meanwhile ends the process (SIGBUS), so it is
/// not for files that others may write.
@safe
package final class MappedFile: Sendable {
    private let file: InputFile
    // Sound: the mapping is of `count` bytes, only read, and undone by `deinit` alone.
    private nonisolated(unsafe) let start: UnsafeRawPointer

    /// Length in bytes when the file was opened.
    package var count: Int { self.file.count }

    /// Maps a regular file that has at least one byte.
    package init(_ file: consuming InputFile) throws(FileError) {
        let start = unsafe mmap(nil, file.count, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else { throw FileError(.read, path: file.path) }
        self.file = file
        unsafe self.start = UnsafeRawPointer(start)
    }

    deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: self.start), self.file.count) }

    /// The file's bytes.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get {
            // Sound: the mapping has `count` bytes and lasts as long as the object, which the span borrows.
            let span = unsafe Span<UInt8>(_unsafeStart: self.start.assumingMemoryBound(to: UInt8.self), count: self.count)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Appends a range of the file to an output, without its bytes passing through this process where the system can do that.
    package func copy(_ range: Range<Int>, to output: borrowing OutputFile) throws(FileError) {
        let copied = try output.appendInKernel(from: self.file, range)
        try output.write(self.span.extracting((range.lowerBound + copied)..<range.upperBound))
    }
}
