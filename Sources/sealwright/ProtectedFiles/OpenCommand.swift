import ArgumentParser
import ProtectedFiles

/// `sealwright open`: protected files to plaintext.
struct OpenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "open",
        abstract: "Opens a sealed file, or a folder of sealed files, to plaintext.",
        discussion: """
            Everything is authenticated first: a file that was damaged, cut off or sealed with another key yields an error and no output.

            Example: sealwright open --key keys/wrap-key --input sealed/guesslang --output plain/guesslang --mount-path models/guesslang
            """
    )

    @OptionGroup var options: ProtectedFileOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Refuse files that are not sealed for this path; for a folder, its files' relative paths are added.", valueName: "path"))
    var mountPath: String?

    func run() throws {
        let key = try WrapKey(contentsOfFile: self.options.key)
        let opener = ProtectedFileOpener(key: key, replacing: self.options.force)
        let summary = try opener.open(self.options.input, to: self.options.output, mountPath: self.mountPath)
        try self.options.print(summary, verb: "opened")
    }
}
