// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a text, and where.
struct TextFormatError: Error {
    let place: TextFormatPlace
    /// Names what is wrong, in the words of protobuf's own parser as far as it has them.
    let reason: String

    init(_ place: TextFormatPlace, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}
