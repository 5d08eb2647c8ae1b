// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Crypto
import CryptoExtras

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The key that a store's secrets are encrypted under.
public struct MasterKey: Sendable, CustomStringConvertible {
    /// Number of bytes of a master key's file.
    public static let size = 32

    let key: SymmetricKey

    /// Never shows the key.
    public var description: String { "MasterKey(<redacted>)" }

    /// Where a master key is kept; never beside the store.
    public enum Source: Hashable, Sendable, CustomStringConvertible {
        /// A file of ``MasterKey/size`` bytes that only its owner may read.
        case file(String)
        /// A file with a passphrase, which scrypt makes a key of; `-` is standard input.
        case passphraseFile(String)
        /// A credential that systemd gives the service (`LoadCredential=`, `LoadCredentialEncrypted=`), in this folder.
        case credential(name: String, folder: String)

        /// What it is, for people.
        public var description: String {
            switch self {
            case .file(let path): "the file \(path)"
            case .passphraseFile(let path): path == "-" ? "the passphrase of standard input" : "the passphrase in \(path)"
            case .credential(let name, _): "the systemd credential \(name)"
            }
        }
    }

    /// How a key comes from what its source holds; kept in the store.
    enum Derivation: Codable {
        case none
        case scrypt(salt: [UInt8], rounds: Int, blockSize: Int, parallelism: Int)

        /// The parameters of new stores: 128 MiB and about half a second (RFC 7914 section 2; OWASP asks for 2^17, 8, 1).
        static func newScrypt() -> Derivation {
            .scrypt(salt: RandomBytes.make(32), rounds: 1 << 17, blockSize: 8, parallelism: 1)
        }
    }

    /// Writes a new key to a file for its owner alone.
    ///
    /// - Throws: a file error, also when there is a file already.
    public static func generate(at path: String) throws {
        guard (try? FileStatus(path: path)) == nil else {
            throw FileError(.publish, path: path, systemError: EEXIST, remedy: "choose another path: a master key is never replaced")
        }
        var bytes = RandomBytes.make(Self.size)
        defer { wipe(&bytes) }
        try OutputFile.write(bytes, to: path, permissions: 0o600, replacing: false)
        // A store is put under the key next, and must not outlive it when the power goes.
        try StoreFile.syncFolder(of: path)
    }
}

extension MasterKey.Source {
    /// The longest passphrase, in bytes.
    private static let passphraseLimit = 4096
    /// The most bytes of a key's file that are read, so that what is no key is told by its length.
    private static let fileLimit = 4096

    /// Refuses a key that lies in the store's own folder: whoever copies that folder has both.
    func requireElsewhere(thanStoreAt storePath: String) throws {
        let keyPath: String
        switch self {
        case .file(let path): keyPath = path
        case .passphraseFile(let path) where path != "-": keyPath = path
        case .passphraseFile, .credential: return
        }
        // A link beside the store shows where the key is, and a link to the store may lead to a key beside it: both ends count.
        guard Self.folders(of: keyPath).isDisjoint(with: Self.folders(of: storePath)) else {
            throw KeyBrokerError(
                .badMasterKey, "the master key \(keyPath) lies in the folder of the store, so that one copy takes both",
                remedy: "keep it elsewhere, best on another file system: /etc/sealwright/master-key, a systemd credential, or a passphrase")
        }
    }

    /// Reads the key; a derivation is chosen when there is none yet, and for a passphrase alone.
    func load(creating derivation: inout MasterKey.Derivation) throws -> MasterKey {
        switch self {
        case .file(let path): return try Self.rawKey(try PrivateFile.read(path, limit: Self.fileLimit), from: self)
        case .credential(let name, let folder):
            guard !name.contains("/"), name != "..", !name.isEmpty else {
                throw KeyBrokerError(.badMasterKey, "`\(name)` is no name of a credential", remedy: "give the name in LoadCredential=")
            }
            // systemd keeps credentials in memory and for the service's user alone, whatever the mode's bits say.
            return try Self.rawKey(try InputFile.readAll("\(folder)/\(name)", limit: Self.fileLimit), from: self)
        case .passphraseFile(let path):
            if case .none = derivation { derivation = .newScrypt() }
            return try Self.derive(try Self.passphrase(path), derivation)
        }
    }

    private static func rawKey(_ read: consuming [UInt8], from source: Self) throws -> MasterKey {
        var bytes = read
        defer { wipe(&bytes) }
        guard bytes.count == MasterKey.size else {
            let isHexadecimal =
                bytes.count >= 2 * MasterKey.size && bytes.prefix(2 * MasterKey.size).allSatisfy { Character(UnicodeScalar($0)).isHexDigit }
            throw KeyBrokerError(
                .badMasterKey, "\(source) holds \(bytes.count) bytes; a master key has \(MasterKey.size)",
                remedy: isHexadecimal
                    ? "it looks like hexadecimal text; a master key is the bytes themselves: xxd -r -p FILE > KEY"
                    : "make one: sealwright broker store init --new-master-key FILE")
        }
        guard bytes.contains(where: { $0 != bytes[0] }) else {
            throw KeyBrokerError(.badMasterKey, "\(source) holds one byte over and over, which is no key", remedy: "make one at random")
        }
        return MasterKey(key: SymmetricKey(data: bytes))
    }

    private static func passphrase(_ path: String) throws -> [UInt8] {
        var bytes = path == "-" ? Self.standardInput() : try PrivateFile.read(path, limit: Self.passphraseLimit)
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard bytes.count >= 12 else {
            wipe(&bytes)
            throw KeyBrokerError(.badMasterKey, "a passphrase has 12 bytes at least", remedy: "take several words that nobody would guess")
        }
        return bytes
    }

    private static func standardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.passphraseLimit)
        var byte: UInt8 = 0
        // Sound: one byte is read into the one that is lent.
        while bytes.count < Self.passphraseLimit, unsafe read(STDIN_FILENO, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return bytes
    }

    private static func derive(_ passphrase: consuming [UInt8], _ derivation: MasterKey.Derivation) throws -> MasterKey {
        var bytes = passphrase
        defer { wipe(&bytes) }
        guard case .scrypt(let salt, let rounds, let blockSize, let parallelism) = derivation else {
            throw KeyBrokerError(
                .badMasterKey, "the store was made with a key and not with a passphrase", remedy: "give --master-key or --master-key-credential")
        }
        // What the store says is bounded before it costs memory: it could have been changed.
        guard (1 << 14...1 << 20).contains(rounds), rounds.nonzeroBitCount == 1, (1...16).contains(blockSize), (1...4).contains(parallelism) else {
            throw KeyBrokerError(.storeDamaged, "the store's scrypt parameters are none", remedy: "restore it from a backup")
        }
        return MasterKey(
            key: try KDF.Scrypt.deriveKey(
                from: bytes, salt: salt, outputByteCount: MasterKey.size, rounds: rounds, blockSize: blockSize, parallelism: parallelism))
    }

    /// The folder that a file is named in, and the one that it lies in.
    private static func folders(of path: String) -> Set<String> {
        [StoreFile.resolve(parentFolder(of: path)), parentFolder(of: StoreFile.resolve(path))]
    }
}

/// Bytes of the system's generator.
enum RandomBytes {
    static func make(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in generator.next() }
    }
}
