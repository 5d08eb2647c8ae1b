// SPDX-License-Identifier: Apache-2.0

/// What is to be downloaded, and how patiently.
package struct DownloadRequest: Sendable {
    /// Where from.
    package let url: String
    /// Where to.
    package let path: String
    /// The SHA-256 that the file must have; without it the file is taken as it comes.
    package var sha256: [UInt8]?
    /// Whether a file that is there may be replaced.
    package var isReplacing = false
    /// How often a broken connection is tried again.
    package var retries = 5
    /// How long to wait before the first retry; each further one waits twice as long.
    package var retryDelay: Duration = .seconds(1)
    /// How long the server may stay silent.
    package var timeout: Duration = .seconds(30)
    /// More bytes than this are not taken.
    package var sizeLimit = 1 << 34
    /// The proxy to use, if any.
    package var proxy: HTTPProxy?

    package init(url: String, path: String) {
        self.url = url
        self.path = path
    }
}

/// What was downloaded.
package struct DownloadResult: Hashable, Sendable {
    /// Size of the file.
    package let size: Int
    /// Its SHA-256.
    package let sha256: [UInt8]
    /// How many bytes of it were there from an earlier try.
    package let resumedFrom: Int

    package init(size: Int, sha256: [UInt8], resumedFrom: Int) {
        self.size = size
        self.sha256 = sha256
        self.resumedFrom = resumedFrom
    }
}
