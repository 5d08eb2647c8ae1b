// SPDX-License-Identifier: Apache-2.0

import ModelFetching
import Testing

@Suite("The catalogue of models")
struct ModelCatalogueTests {
    @Test("the one that comes with the program can be read, and has the recipe's model")
    func builtIn() throws {
        let catalogue = try ModelCatalogue.builtIn()
        #expect(try catalogue.model(named: "resnet50-v15-fp32").url?.hasPrefix("https://") == true)
        for model in catalogue.models { #expect((model.url == nil) != (model.wheel == nil), "\(model.name)") }
        #expect(catalogue.models.allSatisfy { $0.sha256?.count ?? 64 == 64 })
    }

    @Test("an unknown name is refused with the known ones")
    func unknown() throws {
        let catalogue = try ModelCatalogue.builtIn()
        let failure = #expect(throws: FetchError.self) { try catalogue.model(named: "resnet") }
        #expect(failure?.identifier == "unknown-model")
        #expect(failure?.remedy?.contains("resnet50-v15-fp32") == true)
    }
}
