// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import ModelServing

/// One request with what TensorFlow Serving answers to it.
struct RESTCase: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let method: String
    let path: String
    let headers: [String: String]?
    let body: String?
    let body_base64: String?
    let expect_status: Int
    let expect_contains: [String]?
    let expect_text_in_order: [String]?
    let tolerance: Double?

    var testDescription: String { self.name }

    static let all: [RESTCase] = {
        guard let bytes = try? SharedVectors.read("tf-serving-rest/cases.json") else { return [] }
        // A file that is there and cannot be read gives no case, which the count in the suite catches.
        return (try? JSONDecoder().decode([RESTCase].self, from: Data(bytes))) ?? []
    }()

    /// The JSON that is expected, which has no fixed type.
    static let answers: [String: any Sendable] = {
        guard let bytes = try? SharedVectors.read("tf-serving-rest/cases.json"),
            let cases = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]]
        else { return [:] }
        var answers: [String: any Sendable] = [:]
        for one in cases {
            guard let name = one["name"] as? String, let json = one["expect_json"],
                let data = try? JSONSerialization.data(withJSONObject: json, options: [.fragmentsAllowed])
            else { continue }
            answers[name] = data
        }
        return answers
    }()

    var request: HTTPRequest {
        let bytes = self.body_base64.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? Array((self.body ?? "").utf8)
        return HTTPRequest(
            method: HTTPMethod(rawValue: self.method), target: self.path, headers: HTTPHeaders((self.headers ?? [:]).map { ($0, $1) }), body: bytes)
    }
}

@Suite(
    "TensorFlow Serving's REST API",
    .enabled(if: ServedModels.areThere && SharedVectors.exist("tf-serving-rest"), "needs TensorFlow's library, its models and the REST cases"))
struct RESTCasesTests {
    @Test("there are cases")
    func count() { #expect(RESTCase.all.count > 50) }

    @Test("answers as TensorFlow Serving does", arguments: RESTCase.all)
    func answers(one: RESTCase) async throws {
        let api = RESTAPI(repository: try await ServedModels.repository)
        let page = await HTTPRouter(api: api).answer(one.request)
        let text = String(decoding: page.body, as: UTF8.self)
        #expect(Int(page.status.code) == one.expect_status, "\(text)")
        #expect(page.contentType == "application/json")
        if let expected = RESTCase.answers[one.name] as? Data {
            let found = try JSONSerialization.jsonObject(with: Data(page.body), options: [.fragmentsAllowed])
            let wanted = try JSONSerialization.jsonObject(with: expected, options: [.fragmentsAllowed])
            #expect(Self.isSame(found, wanted, tolerance: one.tolerance ?? 0), "\(text)")
        }
        if let parts = one.expect_contains {
            let error = try #require(try JSONSerialization.jsonObject(with: Data(page.body)) as? [String: String])
            #expect(Array(error.keys) == ["error"])
            for part in parts { #expect(error["error"]?.contains(part) == true, "\(text)") }
        }
        var rest = text[...]
        for part in one.expect_text_in_order ?? [] {
            let range = try #require(rest.range(of: part), "\(part) in \(text)")
            rest = rest[range.upperBound...]
        }
    }

    private static func isSame(_ found: Any, _ wanted: Any, tolerance: Double) -> Bool {
        switch (found, wanted) {
        case (let found as [String: Any], let wanted as [String: Any]):
            found.count == wanted.count
                && found.allSatisfy { name, value in wanted[name].map { Self.isSame(value, $0, tolerance: tolerance) } ?? false }
        case (let found as [Any], let wanted as [Any]):
            found.count == wanted.count && zip(found, wanted).allSatisfy { Self.isSame($0, $1, tolerance: tolerance) }
        case (let found as String, let wanted as String): found == wanted
        case (let found as NSNumber, let wanted as NSNumber): abs(found.doubleValue - wanted.doubleValue) <= tolerance
        default: false
        }
    }
}

@Suite("The REST API beyond the cases", .enabled(if: ServedModels.areThere, "needs TensorFlow's library and its models"))
struct RESTAPITests {
    private static let predict = "/v1/models/half_plus_two:predict"

    private func answer(_ method: HTTPMethod, _ target: String, _ body: String = "", headers: HTTPHeaders = [:]) async throws -> (
        status: UInt, text: String
    ) {
        let api = RESTAPI(repository: try await ServedModels.repository)
        let page = await HTTPRouter(api: api).answer(HTTPRequest(method: method, target: target, headers: headers, body: Array(body.utf8)))
        return (page.status.code, String(decoding: page.body, as: UTF8.self))
    }

    @Test(
        "what does not fit is refused with TensorFlow Serving's code and words",
        arguments: [
            ("half_plus_two", "{\"instances\": 1}", 400, "JSON Value: {\"instances\":1} Expecting 'instances' to be an list/array"),
            ("half_plus_two", "[1]", 400, "JSON Value: [1] Is not object"),
            ("half_plus_two", "{\"instances\": [1,]}", 400, "JSON Parse error: Invalid value. at offset: 17"),
            ("half_plus_two", "{\"instances\": [1e999]}", 400, "JSON Parse error: Number too big to be stored in double. at offset: 15"),
            ("half_plus_two", "{\"instances\": [1, {\"x\": 1}]}", 400, "Expecting value/list but got object at item 1 of input list"),
            (
                "half_plus_two", "{\"instances\": [{\"x\": [1, 2]}, {\"x\": [1]}]}", 400,
                "Failed to process element: 1 key: x of 'instances' list. Error: INVALID_ARGUMENT: Expecting tensor size: 2 but got: 1"
            ),
            (
                "half_plus_two", "{\"instances\": [[[1, 2]], [[1], [2]]]}", 400,
                "Failed to process element: 1 of 'instances' list. Error: INVALID_ARGUMENT: Expecting shape [1,2] but got: [2,1]"
            ),
            (
                "half_plus_two", "{\"instances\": [{\"x\": 1}, {}]}", 400,
                "Failed to process element: 1 of 'instances' list. JSON object: {} keys must be equal to: x"
            ),
            ("half_plus_two", "{\"inputs\": {}}", 400, "Missing named input: x in 'inputs' object."),
            ("half_plus_two", "{\"inputs\": [1, [2]]}", 400, "Encountered list at unexpected level: 1 expected < 1"),
            (
                "half_plus_two", "{\"inputs\": [[1], 2]}", 400,
                "JSON Value: 2 found at incorrect level: 2 in the JSON DOM. Expected at level: 2"
            ),
            ("half_plus_two", "{\"inputs\": null}", 400, "JSON Value: null Type: Null is not of expected type: float"),
            (
                "half_plus_two", "{\"signature_name\": \"regress_x_to_y\", \"inputs\": [{\"b64\": \"?\"}]}", 400, "Unable to base64 decode"
            ),
            (
                "half_plus_two", "{\"signature_name\": \"regress_x_to_y\", \"inputs\": [{\"a\": 1}]}", 400,
                "JSON Value: {\"a\":1} not formatted correctly for base64 data"
            ),
            ("counter", "{\"signature_name\": \"get_counter\", \"inputs\": []}", 400, "Failed to get input map for signature: get_counter"),
            ("counter", "{\"instances\": [1]}", 400, "Serving signature name: \"serving_default\" not found in signature def"),
            ("half_plus_three", "{\"instances\": [\"\"], \"signature_name\": \"\"}", 400, "Type: String is not of expected type: float"),
        ])
    func refused(model: String, body: String, status: UInt, message: String) async throws {
        let answer = try await self.answer(.POST, "/v1/models/\(model):predict", body)
        #expect(answer.status == status)
        let error = try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: String])
        #expect(error["error"]?.hasSuffix(message) == true, "\(answer.text)")
    }

    @Test(
        "examples that do not fit are refused with TensorFlow Serving's words",
        arguments: [
            ("{\"examples\": [1]}", "Example must be JSON object but got JSON Number"),
            ("{\"examples\": {}}", "JSON Value: {\"examples\":{}} Expecting 'examples' value to be an list/array"),
            ("{\"examples\": []}", "JSON Value: {\"examples\":[]} 'examples' value is an empty array"),
            ("{\"examples\": [{\"x\": null}]}", "Feature: x has element with unexpected JSON type: Null"),
            ("{\"examples\": [{\"x\": [[1]]}]}", "Feature: x has element with unexpected JSON type: Array"),
            ("{\"examples\": [{\"x\": [1.0, \"a\"]}]}", "Unexpected element type in feature: x expecting type: float"),
            ("{\"examples\": [{\"x\": 9223372036854775808}]}", "Feature: x has uint64_t element. Only int64_t is supported."),
            ("{\"context\": 1, \"examples\": [{}]}", "Example must be JSON object but got JSON Number"),
            (
                "{\"signature_name\": [1], \"examples\": [{}]}",
                "JSON Value: {\"signature_name\":[1],\"examples\":[{}]} not formatted correctly. 'signature_name' key must be a string value."
            ),
            ("{\"examples\": [{\"x\": 1.0}], \"signature_name\": \"none\"}", "No signature was found with the name: none"),
        ])
    func examples(body: String, message: String) async throws {
        let answer = try await self.answer(.POST, "/v1/models/half_plus_two:regress", body)
        #expect(answer.status == 400)
        let error = try #require(try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: String])
        #expect(error["error"]?.hasSuffix(message) == true, "\(answer.text)")
    }

    @Test("an integer is an integer feature, which a float parser refuses")
    func integerFeature() async throws {
        let answer = try await self.answer(
            .POST, "/v1/models/half_plus_two:regress", "{\"signature_name\": \"regress_x_to_y\", \"examples\": [{\"x\": 2}]}")
        #expect(answer.status == 400)
        #expect(answer.text.contains("Data types don't match. Data type: int64 but expected type: float"))
    }

    @Test("lists far beyond what a tensor can be are refused, and passed over under keys that nobody asks for")
    func depth() async throws {
        let deep = String(repeating: "[", count: 500_000) + String(repeating: "]", count: 500_000)
        let refused = try await self.answer(.POST, Self.predict, "{\"instances\": [\(deep)]}")
        #expect(refused.status == 400)
        #expect(refused.text.contains("a tensor has at most 254 dimensions"))
        let ignored = try await self.answer(.POST, Self.predict, "{\"other\": \(deep), \"instances\": [8.0]}")
        #expect(ignored.status == 200)
        let open = String(repeating: "[", count: 500_000)
        let unclosed = try await self.answer(.POST, Self.predict, "{\"other\": \(open)")
        #expect(unclosed.status == 400)
        #expect(unclosed.text.contains("JSON Parse error: Invalid value. at offset: 500010"))
    }

    @Test("a browser's question is answered by its origin, and CORS headers are on every answer when asked for")
    func crossOrigin() async throws {
        #expect(try await self.answer(.OPTIONS, Self.predict, headers: ["Origin": "http://example"]).status == 200)
        #expect(try await self.answer(.OPTIONS, Self.predict).status == 400)
        var options = RESTAPI.Options()
        options.allowsCrossOrigin = true
        let api = RESTAPI(repository: try await ServedModels.repository, options: options)
        let page = await api.answer(HTTPRequest(method: .GET, target: "/v1/models/none"))
        #expect(page.headers.map(\.name).contains("Access-Control-Allow-Origin"))
    }

    @Test("URLs outside of the API get the HTTP library's page, and pages are at their exact paths")
    func outside() async throws {
        for target in ["/", "/v1", "/v2/models/x", "/metrics"] {
            let answer = try await self.answer(.GET, target)
            #expect(answer.status == 404)
            #expect(answer.text.contains("<H1>Not Found</H1>"))
        }
        let router = HTTPRouter(api: nil, pages: ["/metrics": { .text("1") }])
        #expect(await router.answer(HTTPRequest(method: .GET, target: "/metrics")).status == .ok)
        let query = await router.answer(HTTPRequest(method: .GET, target: "/metrics?a=b"))
        #expect(query.status == .badRequest)
        #expect(String(decoding: query.body, as: UTF8.self) == "Unexpected path: /metrics?a=b. Should be /metrics")
    }

    @Test("a body that is no gzip, or too large, counts as empty")
    func gzip() async throws {
        let answer = try await self.answer(.POST, Self.predict, "{}", headers: ["Content-Encoding": "x-gzip"])
        #expect(answer.status == 400)
        #expect(answer.text.contains("JSON Parse error: The document is empty"))
    }

    @Test("a compressed body's limit counts what it holds")
    func gzipLimit() async throws {
        let api = RESTAPI(repository: try await ServedModels.repository)
        let body = "{\"instances\": [1]}" + String(repeating: " ", count: 1000)
        let packed = GzipTests.compress(Array(body.utf8))
        for (limit, status) in [(body.utf8.count, 200), (body.utf8.count - 1, 413)] {
            let request = HTTPRequest(method: .POST, target: Self.predict, headers: ["Content-Encoding": "gzip"], body: packed, bodyLimit: limit)
            let page = await api.answer(request)
            #expect(page.status.code == status, "\(String(decoding: page.body, as: UTF8.self))")
        }
    }
}
