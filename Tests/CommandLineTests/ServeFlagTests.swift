// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

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
            "--model_base_path=nowhere", "--grpc_channel_arguments=grpc.so_reuseaddr=1", "--enable_profiler", "--prefer_tflite_model=false",
            "--num_tflite_pools", "2", "--mixed_precision=bfloat16", "--use_saved_model=true",
        ])
        #expect(result.status == 66, "\(result.error)")
        for flag in ["grpc_channel_arguments", "enable_profiler", "prefer_tflite_model", "num_tflite_pools", "mixed_precision", "use_saved_model"] {
            #expect(result.error.contains("WARNING: --\(flag) has no effect: "), "\(flag): \(result.error)")
        }
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
            (["--model_config_file=bad.config"], 78, "Error parsing text-format tensorflow.serving.ModelServerConfig: 1:1:"),
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
