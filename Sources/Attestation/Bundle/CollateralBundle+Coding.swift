// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension CollateralBundle {
    /// What the member `format` says.
    static let format = "sealwright-collateral"
    /// The version that is written and read.
    static let version = 1
    /// Most bytes of a bundle that are read: some hundred platforms.
    public static let maximumSize = 64 << 20

    /// Reads a bundle, or a single object of collateral as `dcap-qvl` writes it.
    ///
    /// - Throws: ``CollateralBundleError``, naming the member at fault.
    public init(decoding bytes: [UInt8]) throws(CollateralBundleError) {
        guard bytes.count <= Self.maximumSize else {
            throw CollateralBundleError(.malformed, "\(bytes.count) bytes, a bundle has at most \(Self.maximumSize)")
        }
        do {
            let kind = try JSONDecoder().decode(BundleKind.self, from: Data(bytes))
            if kind.format == nil, kind.tcbInfo != nil {
                self.init([try JSONDecoder().decode(BundledCollateral.self, from: Data(bytes)).entryOfQVL()])
                return
            }
            guard kind.format == Self.format else { throw CollateralBundleError(.malformed, "\"format\" is not \"\(Self.format)\"") }
            guard kind.version == Self.version else {
                throw CollateralBundleError(.unknownVersion, "version \(kind.version.map(String.init) ?? "(none)") of the format is not known")
            }
            let bundle = try JSONDecoder().decode(BundleText.self, from: Data(bytes))
            self.init(try bundle.entries.map { try $0.entry() })
        } catch let error as CollateralBundleError {
            throw error
        } catch {
            throw CollateralBundleError(.malformed, "not a bundle of collateral: \(Self.describe(error))")
        }
    }

    /// The bundle as JSON text, entries in the order of their keys.
    ///
    /// - Throws: ``CollateralBundleError/Code-swift.struct/notText`` for a signed body or certificate chain that is no UTF-8.
    public func encode() throws(CollateralBundleError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let entries = try self.entries.map { try BundledCollateral($0) }.sorted { $0.order < $1.order }
            return Array(try encoder.encode(BundleText(format: Self.format, version: Self.version, entries: entries))) + [UInt8(ascii: "\n")]
        } catch let error as CollateralBundleError {
            throw error
        } catch {
            throw CollateralBundleError(.notText, "the bundle cannot be written as JSON: \(error)")
        }
    }

    /// Where in the text decoding failed, in words.
    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context): "\(self.place(context.codingPath))\"\(key.stringValue)\" is missing"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context), DecodingError.dataCorrupted(let context):
            "\(self.place(context.codingPath))\(context.debugDescription)"
        default: "\(error)"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".") + ": "
    }
}

/// As much of a JSON object as tells which format it is.
private struct BundleKind: Decodable {
    let format: String?
    let version: Int?
    let tcbInfo: String?

    private enum CodingKeys: String, CodingKey {
        case format, version
        case tcbInfo = "tcb_info"
    }
}

/// A bundle as it stands in JSON.
private struct BundleText: Codable {
    let format: String
    let version: Int
    let entries: [BundledCollateral]
}
