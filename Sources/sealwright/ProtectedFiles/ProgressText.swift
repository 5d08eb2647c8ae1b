// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How far long work is, in words: bytes, rate, share and time left.
struct ProgressText: CustomStringConvertible {
    let bytesDone: Int
    /// What there is to do; `nil` where that is not known, as for a stream.
    let bytesTotal: Int?
    let filesDone: Int
    let elapsed: Duration

    var description: String {
        let done = Double(self.bytesDone)
        let rate = done / max(0.001, self.elapsed / .seconds(1))
        let sofar = String(format: "%.0f MB at %.0f MB/s", done / 1e6, rate / 1e6)
        let files = self.filesDone > 0 ? ", \(self.filesDone) file\(self.filesDone == 1 ? "" : "s")" : ""
        guard let total = self.bytesTotal, total > 0, rate > 0 else { return sofar + files }
        let left = max(0, Double(total) - done) / rate
        return sofar + String(format: " (%.0f %%, %.0f s left)", min(100, 100 * done / Double(total)), left) + files
    }
}
