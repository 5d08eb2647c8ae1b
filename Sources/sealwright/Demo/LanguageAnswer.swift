// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation

/// What guesslang's `predict` signature answers for one text.
struct LanguageAnswer {
    /// The language, as guesslang abbreviates it, and how sure the model is: 0 to 1.
    let guesses: [(language: String, probability: Double)]

    /// Reads the output of `sealwright predict --json`.
    init(json: String) throws {
        let answer = try JSONDecoder().decode(Answer.self, from: Data(json.utf8))
        guard let languages = answer.outputs.all_classes.values.first, let probabilities = answer.outputs.probabilities.values.first,
            languages.count == probabilities.count, !languages.isEmpty
        else { throw DemoFailure("the model's answer has no languages") }
        self.guesses = zip(languages, probabilities).map { ($0, $1) }.sorted { $0.1 > $1.1 }
    }

    /// The three best guesses for `file`, on one line.
    func describe(file: String) -> String {
        let best = self.guesses.prefix(3).map { guess in
            "\(guess.language) \(guess.probability.formatted(.percent.precision(.fractionLength(1))))"
        }
        return "→ \(file): \(best.joined(separator: ", "))"
    }

    private struct Answer: Decodable {
        let outputs: Outputs

        // Named as the model names its outputs.
        struct Outputs: Decodable {
            let all_classes: Tensor<String>
            let probabilities: Tensor<Double>
        }

        struct Tensor<Value: Decodable>: Decodable {
            let values: [[Value]]
        }
    }
}
