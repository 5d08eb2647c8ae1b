// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import sealwright

@Suite("The flags of tensorflow_model_server")
struct ServeFlagTests {
    /// Runs the server with a model that is not there, which ends it once all flags were understood.
    private func run(_ flags: [String], program: String? = nil) async throws -> BuiltCommand.Result {
        let scratch = try ScratchFolder()
        try scratch.write(Array("max_batch_size { value: 8 }".utf8), to: "batching.config")
        try scratch.write(Array("model_config_list { config { name: 1 } }".utf8), to: "bad.config")
        let arguments = flags + ["--exit-on-failure"]
        guard let program else { return try await BuiltCommand.run(["serve", "--port=0"] + arguments, workingDirectory: scratch.path) }
        try FileManager.default.createSymbolicLink(atPath: scratch.file(program), withDestinationPath: BuiltCommand.path)
        return try await BuiltCommand.run(arguments, executable: scratch.file(program), workingDirectory: scratch.path)
    }

    @Test(
        "are taken in all their forms",
        .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"),
        arguments: [
            ["--model_base_path=nowhere", "--model_name=m", "--enable_batching", "--batching_parameters_file=batching.config"],
            ["--model_base_path", "nowhere", "--enable_batching=true", "--enable_model_warmup=false", "--rest_api_timeout_in_ms", "5000"],
            ["--model_base_path=nowhere", "--file_system_poll_wait_seconds=0", "--load_retry_interval_micros=-1", "--ssl_config_file="],
            ["--model_base_path=nowhere", "--file_system_poll_wait_seconds", "0", "--flush_filesystem_caches", "--max_num_load_retries=0"],
            ["--model_base_path=nowhere", "--tensorflow_intra_op_parallelism=1", "--tensorflow_inter_op_parallelism=1", "--num_load_threads=2"],
        ])
    func taken(flags: [String]) async throws {
        let result = try await self.run(flags)
        #expect(result.status == 66, "\(result.error)")
        #expect(result.error.contains("[missing-model-folder]"), "\(result.error)")
        #expect(!result.error.contains("has no effect"))
    }

    @Test("that mean nothing here are passed over with a warning", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"))
    func withoutEffect() async throws {
        let result = try await self.run([
            "--model_base_path=nowhere", "--enable_profiler", "--prefer_tflite_model=false", "--num_tflite_pools", "2", "--mixed_precision=float16",
            "--use_saved_model=true", "--grpc_channel_arguments=grpc.so_reuseaddr=1,grpc.max_connection_age_ms=60000",
        ])
        #expect(result.status == 66, "\(result.error)")
        for flag in ["enable_profiler", "prefer_tflite_model", "num_tflite_pools", "mixed_precision=float16", "use_saved_model"] {
            #expect(result.error.contains("WARNING: --\(flag) has no effect: "), "\(flag): \(result.error)")
        }
        #expect(result.error.contains("WARNING: --grpc_channel_arguments: grpc.so_reuseaddr has no effect; those that have are "), "\(result.error)")
    }

    @Test("that give REST gRPC's port leave REST out, with a warning")
    func samePort() async throws {
        let result = try await self.run(["--model_base_path=nowhere", "--port=1", "--rest_api_port=1"])
        #expect(result.error.contains("WARNING: REST is not offered: --rest_api_port is gRPC's, 1; "), "\(result.error)")
        let other = try await self.run(["--model_base_path=nowhere", "--port=1", "--rest_api_port=2"])
        #expect(!other.error.contains("REST is not offered"), "\(other.error)")
    }

    @Test("that mean nothing here are all in the table of differences, with their reasons")
    func documented() throws {
        let page = "\(Checkout.path)/Sources/ModelServing/Documentation.docc/Differences-from-TensorFlow-Serving.md"
        let text = try String(contentsOfFile: page, encoding: .utf8)
        let section = try #require(text.split(separator: "### Flags without an effect").last)
        for (name, flag) in UpstreamFlags.idle {
            let row = section.split(separator: "\n").first { $0.contains("`--\(name)`") }
            #expect(row?.contains(" | \(flag.reason) | ") == true, "\(name)")
        }
    }

    /// The flags of `tensorflow_model_server` 2.21, and the defaults that its help tells.
    private static let upstream = [
        "port": "8500", "grpc_socket_path": "", "rest_api_port": "0", "rest_api_num_threads": "8", "rest_api_timeout_in_ms": "30000",
        "rest_api_enable_cors_support": "false", "enable_batching": "false", "batching_parameters_file": "",
        "enable_per_model_batching_parameters": "false", "allow_version_labels_for_unavailable_models": "false", "model_config_file": "",
        "model_config_file_poll_wait_seconds": "0", "model_name": "default", "num_load_threads": "0", "num_unload_threads": "0",
        "max_num_load_retries": "5", "load_retry_interval_micros": "60000000", "file_system_poll_wait_seconds": "1",
        "flush_filesystem_caches": "true", "tensorflow_session_parallelism": "0", "tensorflow_intra_op_parallelism": "0",
        "tensorflow_inter_op_parallelism": "0", "tensorflow_session_config_file": "", "ssl_config_file": "", "use_alts_credentials": "false",
        "platform_config_file": "", "per_process_gpu_memory_fraction": "0.000000", "saved_model_tags": "serve", "grpc_channel_arguments": "",
        "grpc_max_threads": "8", "enable_model_warmup": "true", "num_request_iterations_for_warmup": "0", "version": "false",
        "monitoring_config_file": "", "remove_unused_fields_from_bundle_metagraph": "true", "prefer_tflite_model": "false",
        "num_tflite_pools": "2", "num_tflite_interpreters_per_pool": "1", "enable_signature_method_name_check": "false",
        "xla_cpu_compilation_enabled": "false", "xla_gpu_compilation_enabled": "false", "enable_profiler": "true",
        "thread_pool_factory_config_file": "", "mixed_precision": "", "skip_initialize_tpu": "false",
        "enable_grpc_healthcheck_service": "false", "enable_serialization_as_tensor_content": "false",
    ]

    @Test("are all known, at the values that they have anyway", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"))
    func complete() async throws {
        let result = try await self.run(["--model_base_path=nowhere"] + Self.upstream.map { "--\($0)=\($1)" } + ["--port=0"])
        #expect(result.status == 66, "\(result.error)")
        #expect(result.error.contains("[missing-model-folder]"), "\(result.error)")
    }

    @Test(
        "that cannot be followed are refused, unknown ones with a suggestion",
        arguments: [
            (["--model_base_pth=m"], 64, "--model_base_path"),
            (["--model_base_path=m", "--enable_batchin"], 64, "--enable_batching"),
            (["--model_base_path=m", "--enable_batching=1"], 64, "enable_batching"),
            (["--model_base_path=m", "--rest_api_port=http"], 64, "rest_api_port"),
            ([], 64, "Both server_options.model_base_path and server_options.model_config_file are empty!"),
            (["--model_base_path=m", "--batching_parameters_file=batching.config"], 78, "without setting server_options.enable_batching to true"),
            (["--model_base_path=m", "--use_alts_credentials"], 64, "[alts]"),
            (["--model_config_file=bad.config"], 78, "text-format tensorflow.serving.ModelServerConfig: 1:36: Invalid value for field \"name\""),
            (["--model_base_path=m", "--grpc_channel_arguments=grpc.max_connection_age_ms"], 64, "[bad-channel-arguments]"),
            (["--model_base_path=m", "--grpc_channel_arguments=grpc.keepalive_time_ms=1s"], 64, "[bad-channel-arguments]"),
            (["--model_base_path=m", "--manifest-digest=12"], 64, "has 64 hexadecimal digits"),
            (["--model_base_path=m", "--request-log-sampling=2"], 64, "[bad-sampling]"),
            (["--model_base_path=m", "--model-secret=m"], 64, "'m' is not MODEL=NAME"),
            (["--model_base_path=m", "--model-secret=m=key"], 64, "[missing-broker]"),
            (["--model_base_path=m", "--model-key-file=m=key", "--broker=b"], 64, "[conflicting-options]"),
            (["--model_base_path=m", "--model-key-file=m=a", "--model-key-file=m=b"], 64, "the model m has two keys"),
            (["--model_base_path=m", "--broker=b", "--broker-door=ra-tls", "--secret=s"], 64, "[conflicting-options]"),
        ] as [([String], Int32, String)])
    func refused(flags: [String], status: Int32, text: String) async throws {
        let result = try await self.run(flags)
        #expect(result.status == status, "\(result.error)")
        #expect(result.error.contains(text), "\(result.error)")
    }

    @Test("under the name of tensorflow_model_server it is the server", .enabled(if: TensorFlowSetUp.isThere, "needs TensorFlow's library"))
    func otherName() async throws {
        let result = try await self.run(["--model_base_path=nowhere", "--port=0", "--enable_profiler"], program: "tensorflow_model_server")
        #expect(result.status == 66, "\(result.error)")
        #expect(result.error.contains("WARNING: --enable_profiler has no effect"))
        let version = try await self.run(["--version"], program: "tensorflow_model_server")
        #expect(version.status == 0)
        #expect(version.output.hasPrefix("TensorFlow ModelServer: "))
        #expect(version.output.contains("TensorFlow Library: "))
    }
}
