// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The sizes of a SavedModel's files, plain or sealed: sealing adds 4 KiB and about 1 %.
public struct ModelFootprint: Hashable, Sendable, Codable {
    /// Bytes of the variables.
    public var variables: Int
    /// Bytes of the graph.
    public var graph: Int

    /// Measures the folder of a version, or the largest version of a model's folder; `nil` where there is neither.
    public init?(folder: String) {
        if let footprint = Self(versionFolder: folder) {
            self = footprint
            return
        }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let versions = names.filter { Int($0) != nil }.compactMap { Self(versionFolder: "\(folder)/\($0)") }
        guard let largest = versions.max(by: { $0.weight < $1.weight }) else { return nil }
        self = largest
    }

    private init?(versionFolder: String) {
        let graphs = ["saved_model.pb", "saved_model.pbtxt"].compactMap { Self.size("\(versionFolder)/\($0)") }
        guard let graph = graphs.first else { return nil }
        let folder = "\(versionFolder)/variables"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        self.graph = graph
        self.variables = names.compactMap { Self.size("\(folder)/\($0)") }.reduce(0, +)
    }

    /// What counts in memory, to tell which version is the larger one.
    private var weight: Int { EnclaveBudget(code: 0, variables: self.variables, graph: self.graph, threads: ThreadBudget()).needed.bytes }

    private static func size(_ path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
}
