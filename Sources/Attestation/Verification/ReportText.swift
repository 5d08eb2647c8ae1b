// SPDX-License-Identifier: Apache-2.0

/// Makes texts fit to stand in reports and logs, whoever wrote them.
package enum ReportText {
    /// Most characters (Unicode scalars) of a text.
    static let maximumLength = 2000

    /// The text with everything escaped that could break a line, move a terminal's cursor or turn the direction of writing, and cut if it is too long.
    package static func quotable(_ text: String) -> String {
        guard text.utf8.count > self.maximumLength || !text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) else { return text }
        var quotable = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            guard index < self.maximumLength else { return String(quotable) + "... (cut)" }
            if self.isPrintable(scalar) { quotable.append(scalar) } else { quotable.append(contentsOf: scalar.escaped(asASCII: true).unicodeScalars) }
        }
        return String(quotable)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
