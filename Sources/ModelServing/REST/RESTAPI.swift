// SPDX-License-Identifier: Apache-2.0

import NIOHTTP1
import SavedModels
import TensorFlowProtos

/// TensorFlow Serving's REST API over the models of a repository: a request in, a page out.
package struct RESTAPI: Sendable {
    /// How it answers.
    package struct Options: Sendable {
        /// How long a session may run; `nil` for as long as it takes.
        package var timeout: Duration? = .seconds(30)
        /// Whether any web site's scripts may ask (`--rest_api_enable_cors_support`).
        package var allowsCrossOrigin = false
        package var inference = Inference.Options()

        package init() {}
    }

    private let repository: ModelRepository
    private let options: Options
    private let observer: any RequestObserver

    package init(repository: ModelRepository, options: Options = Options(), observer: any RequestObserver = NoRequestObserver()) {
        self.repository = repository
        self.options = options
        self.observer = observer
    }

    /// Answers a request below `/v1/`.
    package func answer(_ request: HTTPRequest) async -> HTTPPage {
        var page: HTTPPage
        if request.method == .OPTIONS {
            // A browser's question before it asks from another site. Answered so whatever the option says.
            let origin = request.headers["Origin"].joined()
            let isOrigin = origin.contains("http://") || origin.contains("https://")
            page = HTTPPage(status: isOrigin ? .ok : .badRequest, contentType: nil, body: [])
        } else {
            do throws(RequestError) {
                page = .json(try await self.answer(request))
            } catch {
                let isTooLarge = error == .bodyTooLarge(limit: request.bodyLimit)
                page = isTooLarge ? .bodyTooLarge(limit: request.bodyLimit) : .error(error)
            }
        }
        if self.options.allowsCrossOrigin {
            page.headers = [
                ("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "POST, GET"), ("Access-Control-Allow-Headers", "Content-Type"),
            ]
        }
        return page
    }

    private func answer(_ request: HTTPRequest) async throws(RequestError) -> [UInt8] {
        let path: RESTPath? =
            switch request.method {
            case .POST: try RESTPath(post: request.target)
            case .GET: try RESTPath(get: request.target)
            default: nil
            }
        guard let path else { throw RequestError(.invalidArgument, "Malformed request: \(request.method.rawValue) \(request.target)") }
        guard let name = path.name else { throw RequestError(.invalidArgument, "Missing model name in request.") }
        return try await self.observer.observing(path.action.api, .rest, model: name) { () async throws(RequestError) in
            switch path.action {
            // A body is decompressed only where it is read.
            case .predict: try await self.predict(name, path.version, try request.decodedBody)
            case .classify: try await self.classify(name, path.version, try request.decodedBody)
            case .regress: try await self.regress(name, path.version, try request.decodedBody)
            case .status: try self.status(name, path.version)
            case .metadata: try self.metadata(name, path.version)
            }
        }
    }

    // MARK: Inference

    private func predict(_ name: String, _ version: VersionChoice, _ body: [UInt8]) async throws(RequestError) -> [UInt8] {
        let root = try Self.parse(body)
        let (inference, selection) = try self.inference(name, version, root)
        guard let signature = inference.model.signatures[selection.signature] else {
            throw RequestError(.invalidArgument, "Serving signature name: \"\(selection.signature)\" not found in signature def")
        }
        guard !signature.inputs.isEmpty else {
            let key = root["signature_name"]?.string.map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw RequestError(.invalidArgument, "Failed to get input map for signature: \(key.isEmpty ? "DEFAULT" : key)")
        }
        let json = try PredictJSON(root.document, inputs: signature.inputs)
        try inference.checkPredictMethod(signature)
        let outputs = try await inference.run(try Prediction(json.tensors, signature: signature))
        return try TensorsJSON(outputs).text(json.format)
    }

    private func classify(_ name: String, _ version: VersionChoice, _ body: [UInt8]) async throws(RequestError) -> [UInt8] {
        let root = try Self.parse(body)
        // The examples are read before the version is looked for.
        let signature = try Self.signatureName(root)
        let input = try ExampleJSON.input(root)
        let (inference, selection) = try self.inference(name, version, signature: signature)
        return ExampleJSON.text(try await inference.classify(input, signature: selection.signature))
    }

    private func regress(_ name: String, _ version: VersionChoice, _ body: [UInt8]) async throws(RequestError) -> [UInt8] {
        let root = try Self.parse(body)
        let signature = try Self.signatureName(root)
        let input = try ExampleJSON.input(root)
        let (inference, selection) = try self.inference(name, version, signature: signature)
        return ExampleJSON.text(try await inference.regress(input, signature: selection.signature))
    }

    private static func parse(_ body: [UInt8]) throws(RequestError) -> JSONValue {
        guard !body.isEmpty else { throw RequestError(.invalidArgument, "JSON Parse error: The document is empty") }
        let root: JSONValue
        do {
            root = try JSONDocument(body).root
        } catch {
            throw RequestError(.invalidArgument, "JSON Parse error: \(error.reason.rawValue) at offset: \(error.offset)")
        }
        guard root.isObject else { throw RequestError(.invalidArgument, "JSON Value: \(root) Is not object") }
        return root
    }

    /// The signature that a request names, if it does.
    private static func signatureName(_ root: JSONValue) throws(RequestError) -> String? {
        guard let value = root["signature_name"] else { return nil }
        guard let name = value.string else {
            throw RequestError(
                .invalidArgument, "JSON Value: \(root) not formatted correctly. 'signature_name' key must be a string value.")
        }
        return String(decoding: name, as: UTF8.self)
    }

    private func inference(
        _ name: String, _ version: VersionChoice, _ root: JSONValue
    ) throws(RequestError) -> (Inference, ModelSelection) {
        try self.inference(name, version, signature: try Self.signatureName(root))
    }

    private func inference(
        _ name: String, _ version: VersionChoice, signature: String?
    ) throws(RequestError) -> (Inference, ModelSelection) {
        let selection = ModelSelection(name: name, version: version, signature: signature)
        let model = try self.repository.model(name, version)
        return (Inference(model, options: self.options.inference, timeout: self.options.timeout), selection)
    }

    // MARK: Status and metadata

    private func status(_ name: String, _ version: VersionChoice) throws(RequestError) -> [UInt8] {
        // A label is passed over, as in GetModelStatus.
        let number: Int64? = if case .number(let number) = version { number } else { nil }
        return StatusJSON.text(try self.repository.statuses(of: name, version: number))
    }

    private func metadata(_ name: String, _ version: VersionChoice) throws(RequestError) -> [UInt8] {
        MetadataJSON.text(try self.repository.model(name, version))
    }
}

extension RESTPath.Action {
    fileprivate var api: RequestRecord.API {
        switch self {
        case .predict: .predict
        case .classify: .classify
        case .regress: .regress
        case .status: .status
        case .metadata: .metadata
        }
    }
}
