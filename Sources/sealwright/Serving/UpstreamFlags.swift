// SPDX-License-Identifier: Apache-2.0

/// The command line of `tensorflow_model_server`, as far as it differs from what the argument parser reads.
///
/// Its flags of yes and no are given bare or with `=true` or `=false`; some of its flags mean nothing here and are passed over with a
/// warning, so that a command line that works there works here.
enum UpstreamFlags {
    /// The program's name, under which this one behaves as `serve`.
    static let programName = "tensorflow_model_server"

    /// Flags of yes and no that count here.
    static let switches: Set<String> = [
        "allow_version_labels_for_unavailable_models", "enable_batching", "enable_grpc_healthcheck_service", "enable_model_warmup",
        "enable_per_model_batching_parameters", "enable_serialization_as_tensor_content", "enable_signature_method_name_check",
        "flush_filesystem_caches", "rest_api_enable_cors_support", "use_alts_credentials", "version",
    ]

    /// Flags of yes and no that mean nothing here, and why.
    private static let idleSwitches = [
        "enable_profiler": "there is no profiler service",
        "prefer_tflite_model": "TensorFlow Lite models are not served",
        "remove_unused_fields_from_bundle_metagraph": "the meta graph is never kept",
        "skip_initialize_tpu": "there are no TPUs",
        "use_saved_model": "every model is a SavedModel",
        "use_tflite_model": "TensorFlow Lite models are not served",
        "xla_cpu_compilation_enabled": "XLA is left to --tensorflow_session_config_file",
        "xla_gpu_compilation_enabled": "there are no GPUs",
    ]

    /// Flags with a value that mean nothing here, and why.
    private static let idleValues = [
        "grpc_channel_arguments": "gRPC is not the C library's",
        "grpc_max_threads": "gRPC's threads are as many as there are processors",
        "mixed_precision": "it is left to --tensorflow_session_config_file",
        "num_tflite_interpreters_per_pool": "TensorFlow Lite models are not served",
        "num_tflite_pools": "TensorFlow Lite models are not served",
        "num_unload_threads": "each version is unloaded as soon as its last request is done",
        "per_process_gpu_memory_fraction": "there are no GPUs",
        "platform_config_file": "sessions and batching are set by their own flags",
        "rest_api_num_threads": "REST's threads are as many as there are processors",
        "thread_pool_factory_config_file": "sessions have their own threads",
    ]

    /// Arguments as the parser takes them, and what is to be said of those that were left out.
    struct Prepared {
        var arguments: [String] = []
        var warnings: [String] = []
    }

    /// Takes out what means nothing here, and writes out what is given bare.
    static func prepare(_ arguments: [String]) -> Prepared {
        var prepared = Prepared()
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                prepared.arguments.append(argument)
                continue
            }
            let name = String(argument.dropFirst(2).prefix { $0 != "=" })
            let isBare = !argument.contains("=")
            // An empty value is a flag that was not given: templates of deployments write them.
            if argument.hasSuffix("="), argument.dropLast() == "--\(name)" { continue }
            if let reason = Self.idleSwitches[name] {
                prepared.warnings.append("--\(name) has no effect: \(reason)")
            } else if let reason = Self.idleValues[name] {
                prepared.warnings.append("--\(name) has no effect: \(reason)")
                if isBare { rest = rest.dropFirst() }
            } else {
                prepared.arguments.append(isBare && Self.switches.contains(name) ? "\(argument)=true" : argument)
            }
        }
        return prepared
    }
}
