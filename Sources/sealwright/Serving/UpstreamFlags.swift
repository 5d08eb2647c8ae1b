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

    /// A flag that means nothing here.
    struct IdleFlag {
        let reason: String
        /// What there is in its place.
        let instead: String
        /// Whether it is given a value, and is none of yes and no.
        var hasValue = false

        var warning: String { "has no effect: \(self.reason); \(self.instead)" }
    }

    private static let tensorFlowLite = "TensorFlow Lite models are not served"
    private static let servesSavedModel = "serve the SavedModel that the model was made from"
    private static let nothingToDo = "nothing is needed in its place"
    private static let threads = "there are as many threads as processors"
    private static let fewerProcessors = "to have fewer, let the process have fewer processors (taskset, a container's limit)"

    /// Flags that mean nothing here, by name, with the words of the table in *Differences from TensorFlow Serving*.
    static let idle: [String: IdleFlag] = [
        "enable_profiler": .init(
            reason: "there is no profiler service", instead: "metrics have the times of requests, queues and runs (--monitoring_config_file)"),
        "grpc_max_threads": .init(reason: Self.threads, instead: Self.fewerProcessors, hasValue: true),
        "num_tflite_interpreters": .init(reason: Self.tensorFlowLite, instead: Self.servesSavedModel, hasValue: true),
        "num_tflite_interpreters_per_pool": .init(reason: Self.tensorFlowLite, instead: Self.servesSavedModel, hasValue: true),
        "num_tflite_pools": .init(reason: Self.tensorFlowLite, instead: Self.servesSavedModel, hasValue: true),
        "num_unload_threads": .init(
            reason: "each version is unloaded as soon as its last request is done", instead: Self.nothingToDo, hasValue: true),
        "per_process_gpu_memory_fraction": .init(reason: "there are no GPUs", instead: Self.nothingToDo, hasValue: true),
        "platform_config_file": .init(
            reason: "sessions and batching are set by their own flags",
            instead: "use --tensorflow_session_config_file, --enable_batching with --batching_parameters_file, --saved_model_tags and "
                + "--enable_model_warmup",
            hasValue: true),
        "prefer_tflite_model": .init(reason: Self.tensorFlowLite, instead: Self.servesSavedModel),
        "remove_unused_fields_from_bundle_metagraph": .init(reason: "the meta graph is never kept", instead: Self.nothingToDo),
        "rest_api_num_threads": .init(reason: Self.threads, instead: Self.fewerProcessors, hasValue: true),
        "skip_initialize_tpu": .init(reason: "there are no TPUs", instead: Self.nothingToDo),
        "thread_pool_factory_config_file": .init(
            reason: "sessions have their own threads",
            instead: "use --tensorflow_intra_op_parallelism and --tensorflow_inter_op_parallelism, or --tensorflow_session_config_file",
            hasValue: true),
        "use_saved_model": .init(reason: "every model is a SavedModel", instead: Self.nothingToDo),
        "use_tflite_model": .init(reason: Self.tensorFlowLite, instead: Self.servesSavedModel),
        "xla_cpu_compilation_enabled": .init(
            reason: "XLA is left to TensorFlow", instead: "set optimizer_options.global_jit_level in --tensorflow_session_config_file"),
        "xla_gpu_compilation_enabled": .init(reason: "there are no GPUs", instead: Self.nothingToDo),
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
            if let flag = Self.idle[name] {
                prepared.warnings.append("--\(name) \(flag.warning)")
                if isBare, flag.hasValue { rest = rest.dropFirst() }
            } else {
                prepared.arguments.append(isBare && Self.switches.contains(name) ? "\(argument)=true" : argument)
            }
        }
        return prepared
    }
}
