// SPDX-License-Identifier: Apache-2.0

internal import CTensorFlow
internal import SavedModels
internal import Synchronization

/// TensorFlow's session and graph, and what may be done with them from any thread but only before they are destroyed.
@safe
final class SessionCore: @unchecked Sendable {
    // Proof for @unchecked Sendable: the two pointers never change; TensorFlow's functions on sessions and graphs lock
    // for themselves; ``destroy()`` is called once, by ``Session`` or before a session was made of it, when no call is under way.
    let library: TensorFlowLibrary
    private let session: OpaquePointer
    private let graph: OpaquePointer

    /// Resolved names; there are no more of them than the graph has outputs.
    private let outputs = Mutex<[TensorName: Output]>([:])

    private let placement = Mutex(RunPlacementTrial())

    @safe private struct Output: Sendable {
        // Sound: a pointer into the graph, which outlives every use, to an operation that is never changed.
        nonisolated(unsafe) let output: TF_Output
        let isReference: Bool
    }

    /// Loads a SavedModel; blocks.
    init(library: TensorFlowLibrary, folder: String, tags: [String], options: SessionOptions) throws {
        let functions = library.functions
        guard let sessionOptions = functions.NewSessionOptions(), let graph = functions.NewGraph() else {
            throw TensorFlowError(.resourceExhausted, "tensorflow-out-of-memory", "TensorFlow could not make a graph")
        }
        defer { unsafe functions.DeleteSessionOptions(sessionOptions) }
        do {
            let configuration = options.encoded
            try unsafe library.checked { unsafe functions.SetConfig(sessionOptions, configuration, configuration.count, $0) }
            // No buffer for the MetaGraphDef: it would be a second copy of a frozen model.
            let session = try unsafe library.checked { status in
                unsafe withCStrings(tags) { tags in
                    unsafe functions.LoadSessionFromSavedModel(sessionOptions, nil, folder, tags.baseAddress, Int32(tags.count), graph, nil, status)
                }
            }
            guard let session = unsafe session else {
                throw TensorFlowError(.internal, "tensorflow-internal", "TensorFlow gave neither a session nor a reason")
            }
            self.library = library
            unsafe self.session = session
            unsafe self.graph = graph
        } catch {
            unsafe functions.DeleteGraph(graph)
            throw error
        }
    }

    /// Makes a session of a serialised GraphDef without variables; blocks.
    init(library: TensorFlowLibrary, graphDef: [UInt8], options: SessionOptions) throws {
        let functions = library.functions
        guard let sessionOptions = functions.NewSessionOptions() else {
            throw TensorFlowError(.resourceExhausted, "tensorflow-out-of-memory", "TensorFlow could not make a session's options")
        }
        defer { unsafe functions.DeleteSessionOptions(sessionOptions) }
        let configuration = options.encoded
        try unsafe library.checked { unsafe functions.SetConfig(sessionOptions, configuration, configuration.count, $0) }
        let graph = unsafe try library.newGraph(importing: graphDef)
        do {
            let session = try unsafe library.checked { unsafe functions.NewSession(graph, sessionOptions, $0) }
            guard let session = unsafe session else {
                throw TensorFlowError(.internal, "tensorflow-internal", "TensorFlow gave neither a session nor a reason")
            }
            self.library = library
            unsafe self.session = session
            unsafe self.graph = graph
        } catch {
            unsafe functions.DeleteGraph(graph)
            throw error
        }
    }

    /// Ends the session and frees everything; blocks.
    ///
    /// To be called once, when nothing runs any more.
    func destroy() {
        let functions = self.library.functions
        // Nothing can be done about a session that does not close cleanly, and nobody can use it any more.
        _ = try? unsafe self.library.checked { unsafe functions.CloseSession(self.session, $0) }
        _ = try? unsafe self.library.checked { unsafe functions.DeleteSession(self.session, $0) }
        unsafe functions.DeleteGraph(self.graph)
    }

    /// Whether the graph has variables, whose values only a checkpoint can give.
    var hasVariables: Bool {
        let kinds: Set<String> = ["VarHandleOp", "VariableV2", "Variable"]
        var position = 0
        while let operation = unsafe self.library.functions.GraphNextOperation(self.graph, &position) {
            let kind = unsafe self.library.functions.OperationOpType(operation).map { unsafe String(cString: $0) }
            if let kind, kinds.contains(kind) { return true }
        }
        return false
    }

    /// Computes the fetched tensors from the fed ones; blocks.
    func run(feeds: [(name: String, tensor: Tensor)], fetches: [String], timeoutMilliseconds: UInt64?) throws -> [Tensor] {
        let functions = self.library.functions
        let transfer = TensorTransfer(library: self.library)
        let inputs = try feeds.map { try self.output(named: $0.name) }
        let outputs = try fetches.map { try self.output(named: $0) }

        var inputValues = unsafe [OpaquePointer?]()
        var outputValues = unsafe [OpaquePointer?](repeating: nil, count: outputs.count)
        defer {
            unsafe inputValues.forEach { unsafe functions.DeleteTensor($0) }
            // Outputs that were taken over have been set to nil, which is no tensor to delete.
            unsafe outputValues.compactMap(\.self).forEach { unsafe functions.DeleteTensor($0) }
        }
        for feed in feeds { unsafe inputValues.append(try transfer.lend(feed.tensor)) }

        let inputPorts = unsafe inputs.map { unsafe $0.output }
        let outputPorts = unsafe outputs.map { unsafe $0.output }
        let placement = self.placement.withLock { $0.next() }
        let begin = ContinuousClock.now
        try unsafe self.withRunOptions(placement, timeoutMilliseconds) { runOptions throws(TensorFlowError) in
            try unsafe self.library.checked { status in
                unsafe functions.SessionRun(
                    self.session, runOptions, inputPorts, inputValues, Int32(inputPorts.count), outputPorts, &outputValues,
                    Int32(outputPorts.count), nil, 0, nil, status)
            }
        }
        let time = ContinuousClock.now - begin
        self.placement.withLock { $0.finished(placement, after: time) }
        return try outputs.indices.map { index in
            guard let value = unsafe outputValues[index] else {
                throw TensorFlowError(.internal, "tensorflow-internal", "TensorFlow returned nothing for \(fetches[index])")
            }
            unsafe outputValues[index] = nil
            // What a reference variable's output points to is the variable itself, which a later run may assign to.
            return try unsafe transfer.adopt(value, copying: outputs[index].isReference)
        }
    }

    /// Lends the run's options as TensorFlow takes them.
    private func withRunOptions(
        _ placement: RunPlacement, _ timeoutMilliseconds: UInt64?, _ body: (UnsafePointer<TF_Buffer>?) throws(TensorFlowError) -> Void
    ) throws(TensorFlowError) {
        guard placement != .threadPool || timeoutMilliseconds != nil else { return try body(nil) }
        var proto = WireWriter()
        // RunOptions.timeout_in_ms = 2; 0 would mean no limit.
        if let timeoutMilliseconds { proto.write(field: 2, varint: max(1, timeoutMilliseconds)) }
        // RunOptions.inter_op_thread_pool = 3; -1 stands for the calling thread.
        if placement == .callingThread { proto.write(field: 3, varint: UInt64.max) }
        let bytes = proto.bytes
        let result: Result<Void, TensorFlowError> = unsafe bytes.withUnsafeBytes { raw in
            var buffer = unsafe TF_Buffer(data: raw.baseAddress, length: raw.count, release: nil)
            do throws(TensorFlowError) { return .success(try unsafe body(&buffer)) } catch { return .failure(error) }
        }
        try result.get()
    }

    private func output(named text: String) throws(TensorFlowError) -> Output {
        let name = try TensorName(text)
        if let known = self.outputs.withLock({ $0[name] }) { return known }
        guard let operation = unsafe self.library.functions.GraphOperationByName(self.graph, name.operation),
            unsafe name.port < Int(self.library.functions.OperationNumOutputs(operation))
        else {
            throw TensorFlowError(.invalidArgument, "unknown-tensor", "the model's graph has no tensor \(text)")
        }
        let output = unsafe TF_Output(operation: operation, index: Int32(name.port))
        let isReference = unsafe self.library.functions.OperationOutputType(output) > 100
        let resolved = unsafe Output(output: output, isReference: isReference)
        self.outputs.withLock { $0[name] = resolved }
        return resolved
    }
}

/// Lends an array of C strings.
private func withCStrings<Result>(_ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> Result) -> Result {
    // One run of bytes with each string ended by a zero, and where each begins.
    var bytes: [CChar] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(bytes.count)
        bytes.append(contentsOf: string.utf8CString)
    }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
        let pointers = unsafe offsets.map { offset in unsafe bytes.baseAddress.map { unsafe $0 + offset } }
        return unsafe pointers.withUnsafeBufferPointer { unsafe body($0) }
    }
}
