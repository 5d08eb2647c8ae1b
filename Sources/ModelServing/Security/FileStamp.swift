// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What tells that a file was written or replaced, without reading it.
struct FileStamp: Hashable, Sendable {
    private let modified: Date?
    private let size: Int?
    private let number: Int?

    /// Looks at a file, through links; one that is not there has a stamp too.
    init(path: String) {
        // Kubernetes exchanges a mounted secret by turning a link.
        let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes = try? FileManager.default.attributesOfItem(atPath: target)
        self.modified = attributes?[.modificationDate] as? Date
        self.size = attributes?[.size] as? Int
        self.number = attributes?[.systemFileNumber] as? Int
    }
}
