// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Attestation
import ByteCoding
import Foundation
import Hummingbird
import Logging
import NIOCore
import SimulatedTEE

/// Serves a simulated platform's collateral.
struct SimulateCollateralCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collateral",
        abstract: "Serve a simulated platform's collateral over HTTP, as a PCCS does (INSECURE).",
        discussion: """
            Answers the requests that verifiers send to Intel's caching service (APIs v3 and v4, SGX and TDX) with collateral that is signed anew for each. \
            INSECURE: it vouches for a platform made of software. Ends on SIGINT and SIGTERM. \
            With --port 0 the system chooses; a line `ready ADDRESS:PORT` is printed when it listens. With --output the collateral is written to a \
            folder for `quote verify` instead.

            EXAMPLE:
              sealwright simulate collateral --platform platform --port 8081
              curl 'http://127.0.0.1:8081/sgx/certification/v4/qe/identity'
              sealwright simulate collateral --platform platform --tee tdx --output collateral
            """)

    @Option(help: ArgumentHelp("The simulated platform's folder.", valueName: "dir"))
    var platform: String

    @Option(help: "Address to listen at.")
    var address = "127.0.0.1"

    @Option(help: "Port to listen at; 0 lets the system choose.")
    var port: UInt16 = 8081

    @Flag(help: "Serve collateral that has expired, to see it refused.")
    var expired = false

    @Option(help: ArgumentHelp("Something to be wrong with the collateral; may be given more than once.", valueName: "name"))
    var fault: [String] = []

    @Option(
        help: ArgumentHelp("An early edition is out, in which this is so; for `collateral forecast`. May be given more than once.", valueName: "name")
    )
    var early: [String] = []

    @Option(help: ArgumentHelp("Write collateral that is fresh now to a new folder, and end.", valueName: "dir"))
    var output: String?

    @Option(help: "With --output, for which quotes: sgx or tdx.")
    var tee = "sgx"

    func run() async throws {
        let platform = try SimulatedPlatform.load(from: self.platform)
        let faults = try SimulateCommand.faults(self.fault).union(self.expired ? Set.expired : [])
        if let output = self.output { return try self.write(platform, faults, to: output) }
        let service = SimulatedCollateralService(
            platform: platform, faults: faults, early: self.early.isEmpty ? nil : try SimulateCommand.faults(self.early))
        let address = self.address
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in try Self.respond(to: request, service) },
            configuration: ApplicationConfiguration(address: .hostname(address, port: Int(self.port)), serverName: "sealwright-simulated-INSECURE"),
            onServerRunning: { channel in
                SimulateCommand.warn("this collateral is SIMULATED and vouches for nothing. For development and tests only.")
                // Not `print`, which keeps the line in its buffer where standard output is a pipe.
                let line = "ready \(address):\(channel.localAddress?.port ?? 0)\n"
                FileHandle.standardOutput.write(Data(line.utf8))
            },
            logger: Logger(label: "simulate-collateral", factory: { _ in SwiftLogNoOpLogHandler() }))
        do {
            try await application.runService()
        } catch let error as IOError {
            throw self.listeningFailure(error)
        } catch is SocketAddressError.UnknownHost {
            throw CommandFailure(
                "cannot-listen", "cannot listen on \(address): no such host", remedy: "choose an address of this machine", exitStatus: .unavailable)
        }
    }

    /// Writes the pieces under the names that `quote verify` reads.
    private func write(_ platform: SimulatedPlatform, _ faults: Set<SimulatedFault>, to path: String) throws {
        guard let tee = TEE(rawValue: self.tee.uppercased()) else {
            throw CommandFailure("invalid-tee", "--tee \(self.tee) is neither sgx nor tdx", remedy: "use --tee sgx or --tee tdx")
        }
        try CollateralFolder.write(try platform.collateral(at: Date(), tee: tee, faults: faults), to: path, replacing: false)
        SimulateCommand.warn("this collateral is SIMULATED and vouches for nothing. For development and tests only.")
    }

    private static func respond(to request: Request, _ service: SimulatedCollateralService) throws -> Response {
        let answer = try service.respond(
            to: SimulatedCollateralService.Request(method: request.method.rawValue, path: request.uri.path, query: request.uri.query ?? ""),
            at: Date())
        var headers = HTTPFields()
        for (name, value) in answer.headers {
            guard let name = HTTPFields.Element.Name(name) else { continue }
            headers[name] = value
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }

    private func listeningFailure(_ error: IOError) -> CommandFailure {
        let place = "\(self.address):\(self.port)"
        if error.errnoCode == EADDRINUSE {
            return CommandFailure(
                "port-taken", "cannot listen on \(place): another program does", remedy: "choose another --port, or 0 to let the system choose",
                exitStatus: .unavailable)
        }
        return CommandFailure(
            "cannot-listen", "cannot listen on \(place): \(systemErrorDescription(error.errnoCode))", remedy: "choose another --address or --port",
            exitStatus: .unavailable)
    }
}
