// SPDX-License-Identifier: Apache-2.0

/// Gets the documents of a collateral service over a network.
public protocol CollateralTransport: Sendable {
    /// Carries out one GET request.
    ///
    /// * `url`: the absolute address.
    /// * `headers`: header fields to send; values may be secret.
    /// * `bodyLimit`: the largest body that is taken, in bytes.
    ///
    /// - Throws: ``RATLSError`` when no response can be had, or one that is larger than allowed. A status that is not 200 is not an error here.
    func get(_ url: String, headers: [String: String], bodyLimit: Int) async throws -> CollateralResponse
}

/// What a collateral service answered.
public struct CollateralResponse: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// Header values by lower-case name.
    public let headers: [String: String]
    /// The body, byte for byte.
    public let body: [UInt8]

    /// Gathers a response; header names may be of any case.
    public init(status: Int, headers: [(name: String, value: String)], body: [UInt8]) {
        self.status = status
        self.headers = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
        self.body = body
    }
}
