// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whether this machine has TensorFlow's library, for tests that compute.
///
/// Looks for the file and does not load it: a library that is there and cannot be loaded must fail the tests, not skip them.
package enum TensorFlowSetUp {
    /// Tests that need the library carry `.enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library (make tensorflow)")`.
    package static let isThere = FileManager.default.fileExists(
        atPath: ProcessInfo.processInfo.environment["SEALWRIGHT_TENSORFLOW_LIBRARY"]
            ?? Checkout.path + "/.tensorflow/lib/libtensorflow_cc.so.2")
}
