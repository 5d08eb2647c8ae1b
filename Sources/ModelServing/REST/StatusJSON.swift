// SPDX-License-Identifier: Apache-2.0

/// The states of a model's versions as JSON: protobuf's mapping with every field printed.
enum StatusJSON {
    static func text(_ statuses: [ModelRepository.Status]) -> [UInt8] {
        JSONTree.object([("model_version_status", .list(statuses.map(Self.tree)))]).text(indentation: 1)
    }

    private static func tree(_ status: ModelRepository.Status) -> JSONTree {
        .object([
            ("version", .string(String(status.version))),
            ("state", .string(status.state.rawValue.uppercased())),
            (
                "status",
                .object([
                    ("error_code", .string(status.failure?.code.rawValue ?? "OK")), ("error_message", .string(status.failure?.message ?? "")),
                ])
            ),
        ])
    }
}
