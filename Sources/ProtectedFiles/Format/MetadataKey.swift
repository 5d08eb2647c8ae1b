// SPDX-License-Identifier: Apache-2.0

internal import ByteCoding
internal import Crypto
internal import CryptoExtras

/// Derives the key of a metadata node from the wrap key and the node's nonce.
///
/// One step of the counter mode of NIST SP 800-108 with AES-128-CMAC (RFC 4493) over Gramine's label.
enum MetadataKey {
    static let nonceByteCount = 32

    static func derive(from wrapKey: WrapKey, nonce: Span<UInt8>) throws -> NodeKey {
        var block = ByteWriter(reservingCapacity: 104)
        block.writeLittleEndian(UInt32(1))
        block.write(Self.label)
        block.writeZeros(Self.labelFieldByteCount - Self.label.count)
        block.write(span: nonce)
        block.writeLittleEndian(UInt32(NodeKey.byteCount * 8))
        var code = try AES.CMAC(key: wrapKey.key)
        code.update(data: block.bytes)
        // The code is a copy in memory that the library does not promise to wipe; the key made from it is wiped.
        return NodeKey(SymmetricKey(data: code.finalize()))
    }

    private static let label = Array("SGX-PROTECTED-FS-METADATA-KEY".utf8)
    private static let labelFieldByteCount = 64
}
