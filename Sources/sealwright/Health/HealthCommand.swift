// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import RATLS

/// `sealwright health`: asks a broker or server on this machine whether it is ready, for images that have no shell and no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask a server or broker whether it is ready.",
        discussion: """
            Asks the port of --health-port (server) or --operations-port (broker). Ends with 0 if the answer is 200, and 69 if it is another or none.

            EXAMPLE:
              sealwright health --port 8502
            """)

    @Option(help: "The port that was given as --health-port or --operations-port.")
    var port: UInt16 = 8502

    @Option(help: "The address it listens on.")
    var address = "127.0.0.1"

    @Option(help: ArgumentHelp("What to ask for.", valueName: "path"))
    var path = "/readyz"

    @Option(help: ArgumentHelp("Time for the answer.", valueName: "seconds"))
    var timeout = 3.0

    /// Most bytes of an answer.
    private static let answerLimit = 64 * 1024

    func run() async throws {
        guard self.path.hasPrefix("/"), (0...3600).contains(self.timeout) else {
            throw CommandFailure("bad-option", "--path has to begin with /, and --timeout to be 0 to 3600 seconds")
        }
        let url = "http://\(self.address.contains(":") ? "[\(self.address)]" : self.address):\(self.port)\(self.path)"
        let answer: CollateralResponse
        do {
            answer = try await HTTPCollateralTransport.with(timeout: .seconds(self.timeout)) {
                try await $0.get(url, headers: [:], bodyLimit: Self.answerLimit)
            }
        } catch let error as any DiagnosableError {
            throw CommandFailure("not-answering", "\(url): \(error.message)", remedy: "look at the server's log", exitStatus: .unavailable)
        }
        print(String(decoding: answer.body, as: UTF8.self), terminator: "")
        guard answer.status == 200 else {
            throw CommandFailure(
                "not-ready", "\(url) answers \(answer.status)", remedy: "its answer and the server's log say why", exitStatus: .unavailable)
        }
    }
}
