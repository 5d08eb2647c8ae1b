// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import sealwright

@Suite("ProgressText")
struct ProgressTextTests {
    @Test(
        "bytes, rate, share and time left are told as far as they are known",
        arguments: [
            (500_000_000, 2_000_000_000, 0, 2, "500 MB at 250 MB/s (25 %, 6 s left)"),
            (500_000_000, nil, 0, 2, "500 MB at 250 MB/s"),
            (500_000_000, 1_000_000_000, 3, 1, "500 MB at 500 MB/s (50 %, 1 s left), 3 files"),
            // An input that has grown since it was looked at.
            (3_000_000, 2_000_000, 1, 3, "3 MB at 1 MB/s (100 %, 0 s left), 1 file"),
            (0, 2_000_000, 0, 1, "0 MB at 0 MB/s"),
            (0, 0, 0, 0, "0 MB at 0 MB/s"),
        ] as [(Int, Int?, Int, Int, String)])
    func text(done: Int, total: Int?, files: Int, seconds: Int, expected: String) {
        let text = ProgressText(bytesDone: done, bytesTotal: total, filesDone: files, elapsed: .seconds(seconds))
        #expect("\(text)" == expected)
    }
}
