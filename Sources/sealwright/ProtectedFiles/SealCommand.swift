import ArgumentParser
import ProtectedFiles

/// `sealwright seal`: plaintext to protected files.
struct SealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seals a file, or a folder with all its files, in Gramine's format for encrypted files.",
        discussion: """
            Each sealed file carries the path under which the enclave will open it, and is refused under any other. For a file mounted in \
            Gramine with uri = "file:models/guesslang/1/saved_model.pb" that is models/guesslang/1/saved_model.pb.

            Example: sealwright seal --key keys/wrap-key --input models/guesslang --output sealed/guesslang --mount-path models/guesslang
            """
    )

    @OptionGroup var options: ProtectedFileOptions

    @Option(
        name: .long,
        help: ArgumentHelp("The path to embed; for a folder, its files' relative paths are added. Default: the output.", valueName: "path"))
    var mountPath: String?

    @Option(
        name: .long, help: ArgumentHelp("Version of the format: 1 (the default) for Gramine up to 1.8, 2 for 1.9 and later.", valueName: "1|2"),
        transform: Self.formatVersion)
    var formatVersion: FormatVersion = .version1

    func run() throws {
        let key = try WrapKey(contentsOfFile: self.options.key)
        let sealer = ProtectedFileSealer(key: key, formatVersion: self.formatVersion, replacing: self.options.force)
        let summary = try sealer.seal(self.options.input, to: self.options.output, mountPath: self.mountPath ?? self.options.output)
        try self.options.print(summary, verb: "sealed")
    }

    private static func formatVersion(_ argument: String) throws -> FormatVersion {
        guard let number = Int(argument), let version = FormatVersion(number: number) else {
            throw ValidationError("there are versions 1 and 2")
        }
        return version
    }
}
