// SPDX-License-Identifier: Apache-2.0

/// Whether two byte sequences are equal, in a time that depends on their lengths alone.
///
/// For secrets, tags and digests that a peer could learn about byte by byte from an early exit.
package func constantTimeEquals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for index in left.indices { difference |= left[index] ^ right[index] }
    return difference == 0
}
