// SPDX-License-Identifier: Apache-2.0

public import Attestation
import ByteCoding
import Dispatch
import Foundation

/// A folder that keeps collateral: a bundle with one entry for each kind of platform.
///
/// Files appear whole or not at all and keep the signed bodies byte for byte. A file that is damaged all the same counts as absent, so that the
/// collateral is fetched anew. Nothing read from it is trusted more than what a network brings.
public struct CollateralStore: Sendable, CustomStringConvertible {
    /// The folder.
    public let directory: String

    /// Most platforms that a folder holds; TCB info is published for some dozens.
    public static let maximumEntries = 256
    /// Most bytes of one file.
    private static let fileLimit = 4 << 20
    /// File operations block: they are made here and not on the cooperative pool.
    private static let queue = DispatchQueue(label: "sealwright.collateral-store")

    /// Uses a folder, and makes it if it is not there.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badCache`` when it cannot be made.
    public init(directory: String) throws(RATLSError) {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw RATLSError(
                .badCache, "cannot use \(directory) as a cache of collateral: \(error.localizedDescription)",
                remedy: "name a folder that this user may write to")
        }
    }

    /// The folder.
    public var description: String { self.directory }

    /// Reads the entry for a kind of platform; `nil` if there is none that is of use.
    public func load(_ key: CollateralKey) async -> CollateralEntry? {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: self.read(self.path(of: key)).flatMap { $0.key == key ? $0 : nil }) }
        }
    }

    /// Reads everything that is of use, in the order of file names.
    public func loadAll() async -> CollateralBundle {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: CollateralBundle(self.fileNames.compactMap { self.read("\(self.directory)/\($0)") })) }
        }
    }

    /// Writes an entry, in the place of the one with the same key.
    ///
    /// - Throws: a file error, ``CollateralBundleError``, or ``RATLSError/Code-swift.struct/badCache`` when the folder is full.
    public func save(_ entry: CollateralEntry) async throws {
        try await withCheckedThrowingContinuation { continuation in
            Self.queue.async { continuation.resume(with: Result { try self.write(entry) }) }
        }
    }

    /// Writes an entry unless what is there already ends later.
    ///
    /// - Returns: whether it was written.
    /// - Throws: as ``save(_:)``.
    public func save(ifLasting entry: CollateralEntry) async throws -> Bool {
        let held = await self.load(entry.key)?.collateral.claimedExpiration
        if let held, entry.collateral.claimedExpiration.map({ $0 <= held }) ?? true { return false }
        try await self.save(entry)
        return true
    }

    /// Names of the files with entries; what a killed process left behind is hidden and not among them.
    private var fileNames: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: self.directory)) ?? []
        return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }.sorted()
    }

    private func path(of key: CollateralKey) -> String { "\(self.directory)/\(Self.fileName(of: key))" }

    private static func fileName(of key: CollateralKey) -> String {
        "\(key.tee.rawValue.lowercased())-\(key.fmspc)-\(key.certificateAuthority.rawValue).json"
    }

    private func read(_ path: String) -> CollateralEntry? {
        guard let bytes = try? InputFile.readAll(path, limit: Self.fileLimit) else { return nil }
        return try? CollateralBundle(decoding: bytes).entries.first
    }

    private func write(_ entry: CollateralEntry) throws {
        let bytes = try CollateralBundle([entry]).encode()
        let names = self.fileNames
        guard names.contains(Self.fileName(of: entry.key)) || names.count < Self.maximumEntries else {
            throw RATLSError(
                .badCache, "the cache \(self.directory) holds \(names.count) platforms already", remedy: "remove the files that are no longer needed")
        }
        try OutputFile.write(bytes, to: self.path(of: entry.key), permissions: 0o644, replacing: true)
    }
}
