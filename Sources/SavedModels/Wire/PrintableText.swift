// SPDX-License-Identifier: Apache-2.0

/// Text for a message or a terminal: what would steer the terminal is shown as its number.
func printable(_ text: String) -> String {
    var shown = ""
    for scalar in text.unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: shown += "\\u{\(String(scalar.value, radix: 16))}"
        default: shown.unicodeScalars.append(scalar)
        }
    }
    return shown
}

/// Bytes of a file for a message: those that are no UTF-8 are replaced, and it is cut where it gets long.
func printable(_ bytes: ArraySlice<UInt8>) -> String {
    let limit = 200
    let text = printable(String(decoding: bytes.prefix(limit), as: UTF8.self))
    return bytes.count > limit ? text + "..." : text
}
