// SPDX-License-Identifier: Apache-2.0

import ModelServing
import Testing

@Suite("URLs of the REST API")
struct RESTPathTests {
    @Test(
        "what matches the pattern of POST",
        arguments: [
            ("/v1/models/m:predict", "m", .latest, .predict),
            ("/V1/MODELS/m:classify", "m", .latest, .classify),
            ("/v1/models/m/versions/007:regress", "m", .number(7), .regress),
            ("/v1/models/m/Versions/7:predict", "m", .number(7), .predict),
            ("/v1/models/m/labels/a%20b:predict", "m", .label("a b"), .predict),
            ("/v1/models/a+b%2Fc:predict", "a+b/c", .latest, .predict),
            ("/v1/models/versions:predict", "versions", .latest, .predict),
            ("/v1/models/100%:predict", "100%", .latest, .predict),
        ] as [(String, String, VersionChoice, RESTPath.Action)])
    func post(target: String, name: String, version: VersionChoice, action: RESTPath.Action) throws {
        let path = try #require(try RESTPath(post: target))
        #expect(path.name == name)
        #expect(path.version == version)
        #expect(path.action == action)
    }

    @Test(
        "what does not match the pattern of POST",
        arguments: [
            "/v1/models/m:PREDICT", "/v1/models/m:predict/", "/v1/models/m:predict?a=b", "/v1/models/m", "/v1/models/:predict",
            "/v1/models/m/versions/x:predict", "/v1/models/m/versions/:predict", "/v1/models/m/labels/:predict", "/v1/models/m/other/1:predict",
            "/v1/models/m/versions/1/labels/a:predict", "/v1/models/m:n:predict", "/v1/models//m:predict", "/v1/m:predict",
        ])
    func noPost(target: String) throws { #expect(try RESTPath(post: target) == nil) }

    @Test(
        "what matches the pattern of GET",
        arguments: [
            ("/v1/models", nil, .latest, .status),
            ("/v1/models/m", "m", .latest, .status),
            ("/v1/models/m?x=1", "m?x=1", .latest, .status),
            ("/v1/models/m/metadata", "m", .latest, .metadata),
            ("/v1/models/m/METADATA", "m", .latest, .status),
            ("/v1/models/metadata", "metadata", .latest, .status),
            ("/v1/models/m/versions/1/metadata", "m", .number(1), .metadata),
            ("/v1/models/m/labels/l", "m", .label("l"), .status),
            ("/v1/models/versions/1", nil, .number(1), .status),
            ("/v1/models/versions", "versions", .latest, .status),
        ] as [(String, String?, VersionChoice, RESTPath.Action)])
    func get(target: String, name: String?, version: VersionChoice, action: RESTPath.Action) throws {
        let path = try #require(try RESTPath(get: target))
        #expect(path.name == name)
        #expect(path.version == version)
        #expect(path.action == action)
    }

    @Test(
        "what does not match the pattern of GET",
        arguments: ["/v1/models/", "/v1/models/m/", "/v1/models/m:predict", "/v1/models/m/versions", "/v1/models/m/n", "/v1/models/m/metadata/1"])
    func noGet(target: String) throws { #expect(try RESTPath(get: target) == nil) }

    @Test("a version beyond 64 bits is told")
    func largeVersion() {
        #expect(throws: RequestError(.invalidArgument, "Failed to convert version: 9223372036854775808 to numeric.")) {
            try RESTPath(post: "/v1/models/m/versions/9223372036854775808:predict")
        }
    }
}
