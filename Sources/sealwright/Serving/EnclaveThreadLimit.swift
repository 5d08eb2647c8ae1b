// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation
import GramineManifests
import TensorFlowRuntime

/// Refuses to start in an enclave that has fewer threads than the server will need.
///
/// An enclave's threads are counted when it is signed (`sgx.max_threads`), and one too many fails in the middle of a request. The manifest tells the
/// number in `SEALWRIGHT_MAX_THREADS`; where that is not set there is no such limit.
enum EnclaveThreadLimit {
    static let variable = "SEALWRIGHT_MAX_THREADS"

    static func check(_ session: SessionOptions, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        guard let text = environment[Self.variable] else { return }
        guard let limit = Int(text), limit > 0 else {
            throw CommandFailure(
                "bad-thread-limit", "\(Self.variable) is `\(text)`, which is no number of threads", remedy: "write the manifest's sgx.max_threads",
                exitStatus: .configuration)
        }
        let budget = Self.budget(session, processors: ProcessInfo.processInfo.activeProcessorCount)
        guard budget.needed <= limit else {
            throw CommandFailure(
                "too-few-threads",
                "this server needs up to \(budget.needed) threads (\(budget.processors) processors, \(budget.intraOperation) within and "
                    + "\(budget.interOperation) between operations), and the enclave has \(limit)",
                remedy:
                    "set sgx.max_threads and \(Self.variable) to \(budget.maxThreads) and sign again, or give --tensorflow_intra_op_parallelism and "
                    + "--tensorflow_inter_op_parallelism",
                exitStatus: .configuration)
        }
    }

    /// TensorFlow takes a thread for each processor where it is not told; so does the network.
    private static func budget(_ session: SessionOptions, processors: Int) -> ThreadBudget {
        var budget = ThreadBudget()
        budget.processors = processors
        budget.eventLoops = processors
        budget.intraOperation = session.intraOperationThreads > 0 ? Int(session.intraOperationThreads) : processors
        budget.interOperation = session.interOperationThreads > 0 ? Int(session.interOperationThreads) : processors
        return budget
    }
}
