// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

/// The manifest of files that Gramine's own tools wrote, read and refused.
struct VectorManifest: Decodable {
    struct File: Decodable, Sendable, CustomTestStringConvertible {
        let file: String
        let keyFile: String
        let formatMajor: Int
        let embeddedPath: String
        let plaintextSize: Int
        let plaintextSeed: String
        let plaintextSha256: String

        var testDescription: String { self.file }
    }

    struct Tampered: Decodable, Sendable, CustomTestStringConvertible {
        let file: String
        let name: String
        let keyFile: String
        let expect: String
        let errorClass: String?
        let plaintextSha256: String?
        let plaintextSize: Int?

        var testDescription: String { "\(self.file), \(self.name)" }
    }

    struct PathCheck: Decodable, Sendable {
        struct Check: Decodable, Sendable {
            let path: String
            let verifyWithV2: String
        }

        let file: String
        let keyFile: String
        let embeddedPath: String
        let plaintextSha256: String
        let checks: [Check]
    }

    struct Sparse: Decodable, Sendable {
        struct Range: Decodable, Sendable {
            let offset: Int
            let length: Int
            let sha256: String
        }

        let file: String
        let keyFile: String
        let embeddedPath: String
        let encryptedFileSize: Int
        let plaintextSize: Int
        let physicalNodes: [Int]
        let ranges: [Range]
    }

    let files: [File]
    let tampered: [Tampered]
    let pathChecks: [PathCheck]
    let sparse: [Sparse]

    static let exists = SharedVectors.exist("protected-files/manifest.json")

    /// The manifest; empty where the vectors are absent, and then the tests that use it are reported as skipped.
    static let shared: VectorManifest = {
        guard Self.exists else { return VectorManifest(files: [], tampered: [], pathChecks: [], sparse: []) }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Self.self, from: Data(SharedVectors.read("protected-files/manifest.json")))
        } catch {
            fatalError("the vectors' manifest cannot be read: \(error)")
        }
    }()

    static func path(_ file: String) -> String { SharedVectors.path("protected-files/\(file)") }
}
