// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// What only a shell can show: pipes, limits, file systems that are full, Ctrl-C.
@Suite("The commands seal and open in a shell")
struct ProtectedFilesStreamTests {
    private let scratch: ScratchFolder

    init() throws { self.scratch = try ScratchFolder() }

    private func shell(_ script: String) async throws -> BuiltCommand.Result {
        try await BuiltCommand.shell("set -e; \"$sealwright\" key generate --output key >&2; \(script)", workingDirectory: self.scratch.path)
    }

    @Test("a pipe is sealed, and a sealed stream opened, to the same bytes", arguments: [0, 3072, 3073, 500_000])
    func streams(count: Int) async throws {
        try self.scratch.write((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }, to: "plain")
        let result = try await self.shell(
            """
            cat plain | "$sealwright" seal --key key --input - --output sealed --mount-path m >&2
            cat sealed | "$sealwright" open --key key --input - --output opened --mount-path m >&2
            cmp plain opened
            cat sealed | "$sealwright" open --key key --input - --output - --mount-path m | cmp plain -
            "$sealwright" open --key key --input sealed --output - | cmp plain -
            """)
        #expect(result.status == 0, "\(result.error)")
        #expect(result.output.isEmpty)
        #expect(self.scratch.contents == ["key", "opened", "plain", "sealed"])
    }

    @Test("nothing of a damaged file goes to standard output, and sealing to standard output is a wrong use")
    func refusedStreams() async throws {
        try self.scratch.write([UInt8](repeating: 9, count: 900_000), to: "plain")
        let damaged = try await self.shell(
            """
            "$sealwright" seal --key key --input plain --output sealed --mount-path m >&2
            printf x | dd of=sealed bs=1 seek=890000 conv=notrunc 2>/dev/null
            cat sealed | "$sealwright" open --key key --input - --output -
            """)
        #expect(damaged.status == 65)
        #expect(damaged.error.contains("[data-auth]"))
        #expect(damaged.output.isEmpty)
        let toOutput = try await BuiltCommand.shell(
            "echo x | \"$sealwright\" seal --key key --input - --output -", workingDirectory: self.scratch.path)
        #expect(toOutput.status == 64)
    }

    @Test(
        "an argument that is not UTF-8 is refused by its own code, as path to embed, input and output",
        arguments: ["--input plain --output out --mount-path", "--output out --mount-path m --input", "--input plain --mount-path m --output"])
    func notUTF8(options: String) async throws {
        try self.scratch.write([1], to: "plain")
        let result = try await self.shell("\"$sealwright\" seal --key key --json \(options) \"$(printf 'a\\377b')\"")
        #expect(result.status == 65)
        #expect(result.error.contains(#"{"code":"path-not-utf8","#))
        #expect(self.scratch.contents == ["key", "plain"])
    }

    @Test("a limit on the size of files ends in an error, with nothing left behind", arguments: ["plain", "folder"])
    func sizeLimit(input: String) async throws {
        try self.scratch.write([UInt8](repeating: 9, count: 900_000), to: "plain")
        try self.scratch.write([UInt8](repeating: 9, count: 900_000), to: "folder/plain")
        let result = try await self.shell("ulimit -f 200; exec \"$sealwright\" seal --key key --input \(input) --output out")
        #expect(result.status == 74)
        #expect(result.error.contains("[unwritable-file]"))
        #expect(result.error.contains("ulimit"))
        #expect(self.scratch.contents == ["folder", "folder/plain", "key", "plain"])
    }

    @Test(
        "a file that its user may not read is told, and what to check",
        .enabled(if: getuid() != 0 || FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv"), "the superuser may read everything"))
    func unreadable() async throws {
        try self.scratch.write([1], to: "in/file")
        let result = try await self.shell(
            """
            chmod 0 in/file
            [ "$(id -u)" != 0 ] || lowered="setpriv --bounding-set -dac_override,-dac_read_search"
            exec $lowered "$sealwright" seal --key key --input in --output out
            """)
        #expect(result.status == 66)
        #expect(result.error.contains("in/file: Permission denied [unreadable-file]"))
        #expect(result.error.contains("check the permissions"))
        #expect(self.scratch.contents == ["in", "in/file", "key"])
    }

    @Test("what cannot be printed is told too", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")), arguments: ["inspect", "verify"])
    func fullOutput(command: String) async throws {
        try self.scratch.write([1, 2, 3], to: "plain")
        let result = try await self.shell(
            "\"$sealwright\" seal --key key --input plain --output sealed >&2; exec \"$sealwright\" \(command) --key key --input sealed >/dev/full")
        #expect(result.status == 74)
        #expect(result.error.contains("cannot write standard output: No space left on device [unwritable-file]"))
    }

    @Test("a device that is full is told", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDevice() async throws {
        try self.scratch.write([1, 2, 3], to: "plain")
        let result = try await self.shell(
            "\"$sealwright\" seal --key key --input plain --output sealed >&2; exec \"$sealwright\" open --key key --input sealed --output - >/dev/full"
        )
        #expect(result.status == 74)
        #expect(result.error.contains("free some space"))
    }

    /// Whether this system lets a test have a file system of its own.
    private static let canMount = (try? ChildProcess.run("unshare", ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])) == 0

    @Test(
        "a file system that is full is told, with nothing left behind", .enabled(if: canMount, "needs a file system of its own"),
        arguments: ["plain", "folder", "-"])
    func fullFileSystem(input: String) async throws {
        try self.scratch.write([UInt8](repeating: 9, count: 900_000), to: "plain")
        try self.scratch.write([UInt8](repeating: 9, count: 900_000), to: "folder/plain")
        let inside = """
            mount -t tmpfs -o size=512k none small
            "$sealwright" seal --key key --input \(input) --output small/out <plain && status=0 || status=$?
            ls -A small
            exit $status
            """
        let result = try await self.shell("mkdir small; exec unshare --map-root-user --mount sh -c '\(inside)'")
        #expect(result.status == 74)
        #expect(result.error.contains("[unwritable-file]"))
        #expect(result.error.contains("free some space"))
        #expect(result.output.isEmpty)
    }

    @Test("Ctrl-C while a pipe is sealed ends with 130 and leaves nothing behind")
    func interruptedPipe() async throws {
        // The shell holds the pipe open; the command is known to be at work when it has read what was written.
        let result = try await self.shell(
            """
            mkfifo pipe
            "$sealwright" seal --key key --input - --output out --json <pipe &
            exec 3>pipe
            head -c 4000000 /dev/zero >&3
            kill -INT $!
            wait $! && exit 1 || exit $?
            """)
        #expect(result.status == 130)
        #expect(result.error.contains(#"{"code":"interrupted","#))
        #expect(self.scratch.contents == ["key", "pipe"])
    }

    @Test("Ctrl-C while a folder is sealed removes what was made of it", arguments: ["INT", "TERM"])
    func interruptedFolder(signal: String) async throws {
        // Without blocks on the disk, and long enough to be interrupted in.
        let result = try await self.shell(
            """
            mkdir in out
            truncate -s 64G in/large
            "$sealwright" seal --key key --input in --output out/sealed --mount-path m &
            while [ -z "$(ls -A out)" ]; do kill -0 $! || exit 1; done
            kill -\(signal) $!
            wait $! && exit 1 || exit $?
            """)
        #expect(result.status == 130)
        #expect(self.scratch.contents == ["in", "in/large", "key", "out"])
    }
}
