// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

/// Which of the versions in a model's folder are to be served.
package enum VersionPolicy: Hashable, Sendable {
    /// The highest ones, as many.
    case latest(Int)
    case all
    /// These, as far as they are there.
    case specific([Int64])

    /// The highest version alone.
    package static let standard = VersionPolicy.latest(1)

    /// Chooses among the versions of a folder, lowest first.
    package func choose(from versions: [ServableFolder.Version]) -> [ServableFolder.Version] {
        switch self {
        case .latest(let count): Array(versions.suffix(count))
        case .all: versions
        case .specific(let wanted): versions.filter { wanted.contains($0.number) }
        }
    }

    /// The versions that are asked for and are not there.
    package func missing(from versions: [ServableFolder.Version]) -> [Int64] {
        guard case .specific(let wanted) = self else { return [] }
        let present = Set(versions.map(\.number))
        return wanted.filter { !present.contains($0) }
    }
}

extension VersionPolicy {
    /// A policy that does not say how many of the latest asks for one, as in TensorFlow Serving.
    init(_ policy: Tensorflow_Serving_FileSystemStoragePathSourceConfig.ServableVersionPolicy) {
        self =
            switch policy.policyChoice {
            case .all: .all
            case .specific(let specific): .specific(specific.versions)
            case .latest(let latest) where latest.numVersions > 0: .latest(Int(latest.numVersions))
            case .latest, nil: .standard
            }
    }
}
