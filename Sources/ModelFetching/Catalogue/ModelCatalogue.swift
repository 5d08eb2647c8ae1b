// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The models that can be fetched by name; the file `catalogue.json` in this target's folder.
package struct ModelCatalogue: Sendable {
    private struct File: Decodable {
        let models: [ModelSource]
    }

    package let models: [ModelSource]

    /// Reads a catalogue.
    ///
    /// - Throws: ``FetchError`` `bad-catalogue`.
    package init(decoding json: [UInt8]) throws(FetchError) {
        do {
            self.models = try JSONDecoder().decode(File.self, from: Data(json)).models
        } catch {
            throw FetchError("bad-catalogue", "not a catalogue of models: \(error)", exitStatus: .configuration)
        }
    }

    /// The model of that name.
    ///
    /// - Throws: ``FetchError`` `unknown-model` with the names that there are.
    package func model(named name: String) throws(FetchError) -> ModelSource {
        guard let model = self.models.first(where: { $0.name == name }) else {
            throw FetchError(
                "unknown-model", "the catalogue has no model “\(name)”",
                remedy: "choose one of \(self.models.map(\.name).joined(separator: ", ")), or give a URL", exitStatus: .usage)
        }
        return model
    }
}

extension ModelCatalogue {
    /// The catalogue that comes with the program.
    ///
    /// - Throws: ``FetchError`` `bad-catalogue`, which a test excludes.
    package static func builtIn() throws(FetchError) -> ModelCatalogue { try ModelCatalogue(decoding: PackageResources.catalogue_json) }
}
