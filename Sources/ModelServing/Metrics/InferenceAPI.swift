// SPDX-License-Identifier: Apache-2.0

/// The interfaces that run a session, in the spelling that TensorFlow Serving's metrics have.
package enum InferenceAPI: String, Hashable, Sendable {
    case predict = "Predict"
    case classify = "Classify"
    case regress = "Regress"
    case multiInference = "MultiInference"
}
