// SPDX-License-Identifier: Apache-2.0

import ByteCoding

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

/// A proxy for HTTP, as the environment names it.
package struct HTTPProxy: Hashable, Sendable {
    /// Name or address of the proxy.
    package let host: String
    package let port: Int

    /// The proxy for an address, by the customary variables: `https_proxy`, `http_proxy`, `all_proxy` in either case (but `HTTP_PROXY` only in
    /// lower case, since a CGI request could set it), and `no_proxy` with names, suffixes and `*`.
    ///
    /// - Returns: `nil` for a direct connection.
    /// - Throws: ``FetchError`` `bad-proxy` for a variable that is no address.
    package static func forURL(_ url: URL, environment: [String: String]) throws(FetchError) -> HTTPProxy? {
        guard let host = url.host(), !self.isExcluded(host, by: environment["no_proxy"] ?? environment["NO_PROXY"] ?? "") else { return nil }
        let names = url.scheme == "https" ? ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] : ["http_proxy", "all_proxy", "ALL_PROXY"]
        guard let name = names.first(where: { environment[$0]?.isEmpty == false }), let value = environment[name] else { return nil }
        guard let proxy = URL(string: value.contains("://") ? value : "http://" + value), proxy.scheme == "http", let proxyHost = proxy.host() else {
            throw FetchError(
                "bad-proxy", "\(name) is not the address of an HTTP proxy", remedy: "write it as http://HOST:PORT, or unset it",
                exitStatus: .configuration)
        }
        return HTTPProxy(host: proxyHost, port: proxy.port ?? 80)
    }

    private static func isExcluded(_ host: String, by list: String) -> Bool {
        list.split(separator: ",").contains { entry in
            let name = String(entry.filter { $0 != " " })
            guard name != "*" else { return true }
            let suffix = name.hasPrefix(".") ? String(name.dropFirst()) : name
            return !suffix.isEmpty && (host == suffix || host.hasSuffix("." + suffix))
        }
    }
}
