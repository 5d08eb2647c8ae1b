// SPDX-License-Identifier: Apache-2.0

import TensorFlowProtos

/// Where the metrics are, if they are turned on: TensorFlow Serving's `MonitoringConfig`.
struct MonitoringPage: Hashable, Sendable {
    /// Where TensorFlow Serving has them unless told otherwise.
    static let standardPath = "/monitoring/prometheus/metrics"

    /// `nil` when they are turned off.
    let path: String?

    /// Reads the configuration in protobuf's text format.
    ///
    /// - Throws: ``ServingError/Code/badConfigurationFile``, or the failure to read the file.
    init(contentsOfFile file: String) throws {
        let config = try TextFormatFile.read(file, as: Tensorflow_Serving_MonitoringConfig.self).prometheusConfig
        self.path = config.enable ? (config.path.isEmpty ? Self.standardPath : config.path) : nil
    }
}
