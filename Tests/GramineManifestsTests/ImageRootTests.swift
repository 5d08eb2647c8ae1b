// SPDX-License-Identifier: Apache-2.0

import GramineManifests
import TestSupport
import Testing

@Suite("Files of a manifest in an image")
struct ImageRootTests {
    private static let manifest = """
        libos.entrypoint = "/usr/bin/server"
        fs.mounts = [
          { path = "/usr/bin", uri = "file:/usr/bin" },
          { path = "/sealed", uri = "file:/sealed" },
          { type = "tmpfs", path = "/tmp" },
        ]
        sgx.trusted_files = ["file:/usr/bin/server", "file:/usr/lib/", "file:{{ gramine.libos }}"]
        sgx.allowed_files = ["file:/sealed/"]
        """

    private static func keys(_ scratch: ScratchFolder, _ text: String = Self.manifest) throws -> [String] {
        ImageRoot(scratch.path).findings(of: try GramineManifest(text)).map(\.key)
    }

    @Test("an image that has everything is sound")
    func sound() throws {
        let scratch = try ScratchFolder()
        try scratch.write([], to: "usr/bin/server")
        try scratch.write([], to: "usr/lib/library")
        #expect(try Self.keys(scratch).isEmpty)
    }

    @Test("what is missing, and what has the wrong form, is named")
    func faults() throws {
        let scratch = try ScratchFolder()
        try scratch.write([], to: "usr/lib")
        #expect(
            try Self.keys(scratch) == [
                "sgx.trusted_files `file:/usr/bin/server`", "sgx.trusted_files `file:/usr/lib/`", "fs.mounts `/usr/bin`", "libos.entrypoint",
            ])
    }

    @Test("a program outside every mount is named")
    func unmounted() throws {
        let scratch = try ScratchFolder()
        try scratch.write([], to: "usr/bin/server")
        try scratch.write([], to: "usr/lib/library")
        #expect(
            try Self.keys(scratch, Self.manifest.replacing("entrypoint = \"/usr/bin/server\"", with: "entrypoint = \"/opt/server\"")) == [
                "libos.entrypoint"
            ])
    }
}
