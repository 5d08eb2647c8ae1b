// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOSSL

/// Which server is asked, and what.
struct LoadTarget: Sendable {
    let port: Int
    /// A serialised PredictRequest.
    let request: [UInt8]
    /// `nil` for a server without TLS.
    let security: NIOSSLContext?
    let serverName: String

    /// Takes `PORT REQUEST [CA CERTIFICATE KEY SERVER-NAME]`.
    init(_ arguments: ArraySlice<String>) throws {
        let arguments = Array(arguments)
        self.port = Int(arguments[0]) ?? 0
        self.request = try Self.contents(of: arguments[1])
        guard arguments.count == 6 else {
            self.security = nil
            self.serverName = "127.0.0.1"
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["h2"]
        configuration.trustRoots = .file(arguments[2])
        configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(arguments[3]).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: arguments[4], format: .pem))
        self.security = try NIOSSLContext(configuration: configuration)
        self.serverName = arguments[5]
    }

    static func contents(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
}

/// Why a request was not answered.
enum LoadFailure: Error {
    /// A gRPC status other than 0.
    case status(Int, String)
    case connectionEnded
}
