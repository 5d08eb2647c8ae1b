// SPDX-License-Identifier: Apache-2.0

import Foundation
import ModelFetching
import TestSupport
import Testing

@Suite("Zip archives")
struct ZipArchiveTests {
    /// `a.txt` (stored "hello\n"), `d/b.txt` (deflated, 40 times "hello\n"), made by Python's zipfile with fixed dates.
    private static let sample: [UInt8] = [UInt8](
        Data(
            base64Encoded:
                "UEsDBBQAAAAAAAAAIVAgMDo2BgAAAAYAAAAFAAAAYS50eHRoZWxsbwpQSwMEFAAAAAgAAAAhUJE8ABMLAAAA8AAAAAcAAABkL2IudHh0y0jNycnnyhgxJABQSwECFAMUAAAAAAAAACFQIDA6NgYAAAAGAAAABQAAAAAAAAAAAAAAgAEAAAAAYS50eHRQSwECFAMUAAAACAAAACFQkTwAEwsAAADwAAAABwAAAAAAAAAAAAAAgAEpAAAAZC9iLnR4dFBLBQYAAAAAAgACAGgAAABZAAAAAAA="
        )!)

    @Test("stored and deflated files are unpacked")
    func contents() throws {
        let archive = try ZipArchive(Self.sample)
        #expect(archive.entries.map(\.name) == ["a.txt", "d/b.txt"])
        #expect(try archive.contents(of: archive.entries[0]) == Array("hello\n".utf8))
        #expect(try archive.contents(of: archive.entries[1]) == Array(String(repeating: "hello\n", count: 40).utf8))
    }

    @Test("cut at any length, an archive is refused", arguments: 0..<Self.sample.count)
    func truncation(length: Int) {
        let failure = #expect(throws: FetchError.self) { try ZipArchive(Array(Self.sample.prefix(length))) }
        #expect(failure?.identifier == "bad-archive")
    }

    @Test("a flipped bit gives the right contents or a named error")
    func flippedBits() {
        for position in Self.sample.indices {
            for bit in 0..<8 {
                var damaged = Self.sample
                damaged[position] ^= 1 << UInt8(bit)
                do {
                    let archive = try ZipArchive(damaged)
                    for entry in archive.entries { _ = try archive.contents(of: entry, limit: 1 << 20) }
                } catch {
                    #expect(error.identifier == "bad-archive")
                }
            }
        }
    }

    @Test("a folder of a wheel is unpacked, and a name that leads out of it is not")
    func wheel() throws {
        let scratch = try ScratchFolder()
        try WheelContents(wheel: Self.sample, path: "d").unpack(to: scratch.file("out"), replacing: false)
        #expect(scratch.contents == ["out", "out/b.txt"])
        #expect(throws: FetchError.self) { try WheelContents(wheel: Self.sample, path: "e") }
        // The same archive with `d/b.txt` renamed to `d/../x`, in header and directory.
        let text = String(decoding: Self.sample, as: Unicode.ASCII.self)
        #expect(text.contains("d/b.txt"))
        var hostile = Self.sample
        for start in hostile.indices.dropLast(7) where hostile[start..<(start + 7)].elementsEqual("d/b.txt".utf8) {
            hostile.replaceSubrange(start..<(start + 7), with: Array("d/../xy".utf8))
        }
        let failure = #expect(throws: FetchError.self) {
            try WheelContents(wheel: hostile, path: "d").unpack(to: scratch.file("hostile"), replacing: false)
        }
        #expect(failure?.identifier == "bad-archive")
        #expect(scratch.contents == ["out", "out/b.txt"])
    }
}
