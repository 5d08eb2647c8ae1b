// SPDX-License-Identifier: Apache-2.0

/// A collateral service that is known by name.
///
/// | name | service |
/// |---|---|
/// | `intel` | Intel's Provisioning Certification Service |
/// | `alibaba:REGION` | Alibaba Cloud, for instances with a public address |
/// | `alibaba-vpc:REGION` | Alibaba Cloud, inside a VPC |
/// | `azure` | Azure's Trusted Hardware Identity Management |
/// | `pccs` | a PCCS on this machine, port 8081 |
/// | `pccs:HOST` or `pccs:HOST:PORT` | a PCCS elsewhere |
///
/// A profile only says where to ask: collateral from anywhere is verified down to the same pinned root.
public struct CollateralProfile: Hashable, Sendable, CustomStringConvertible {
    /// The name that it was made from.
    public let name: String
    /// Where the service is.
    public let address: CollateralServiceAddress
    /// What else one has to know about it, for people.
    public let note: String

    /// The name, and what it stands for.
    public var description: String { "\(self.name) (\(self.address.base))" }

    /// The forms that names have, for help texts.
    public static let forms = "intel, alibaba:REGION, alibaba-vpc:REGION, azure, pccs, pccs:HOST[:PORT]"

    /// Looks a name up.
    ///
    /// - Throws: ``RATLSError/Code-swift.struct/badProfile`` for a name that is not known, or lacks its region.
    public init(_ name: String) throws(RATLSError) {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let kind = parts.first ?? ""
        let argument = parts.count > 1 ? String(parts[1]) : nil
        self.name = name
        switch (kind, argument) {
        case ("intel", nil):
            self.address = try CollateralServiceAddress("https://api.trustedservices.intel.com/sgx/certification/v4/")
            self.note = "needs a way to the internet; asks for a subscription key only for PCK certificates"
        case ("azure", nil):
            self.address = try CollateralServiceAddress("https://global.acccache.azure.net/sgx/certification/v4/")
            self.note = "from inside Azure"
        case ("alibaba", _):
            let region = try Self.region(argument, profile: kind)
            self.address = try CollateralServiceAddress("https://sgx-dcap-server.\(region).aliyuncs.com/sgx/certification/v4/")
            self.note = "from instances of \(region) with a public address"
        case ("alibaba-vpc", _):
            let region = try Self.region(argument, profile: kind)
            self.address = try CollateralServiceAddress("https://sgx-dcap-server-vpc.\(region).aliyuncs.com/sgx/certification/v4/")
            self.note = "from inside a VPC of \(region)"
        case ("pccs", _):
            self.address = try CollateralServiceAddress("https://\(try Self.endpoint(argument))/sgx/certification/v4/")
            self.note = "a PCCS makes its own certificate: name its CA"
        default:
            throw RATLSError(.badProfile, "no collateral profile is named \(name)", remedy: "profiles are: \(Self.forms)")
        }
    }

    /// Port of a PCCS where none is named.
    private static let pccsPort = 8081

    /// Host and port of a PCCS.
    private static func endpoint(_ argument: String?) throws(RATLSError) -> String {
        guard let argument else { return "localhost:\(Self.pccsPort)" }
        let afterHost = argument.hasPrefix("[") ? argument.drop { $0 != "]" }.dropFirst() : argument.drop { $0 != ":" }
        let host = argument.dropLast(afterHost.count)
        let isHost = !host.isEmpty && host.allSatisfy(Self.isHostCharacter) && host.hasPrefix("[") == host.hasSuffix("]")
        let port = afterHost.isEmpty ? Self.pccsPort : afterHost.hasPrefix(":") ? Int(afterHost.dropFirst()) : nil
        guard isHost, let port, (1...65535).contains(port) else {
            throw RATLSError(.badProfile, "\(argument) is not a host with a port", remedy: "write pccs:HOST or pccs:HOST:PORT")
        }
        return "\(host):\(port)"
    }

    private static func isHostCharacter(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "-._:[]".contains(character))
    }

    /// A region's name, as in `cn-hangzhou` and `ap-southeast-1`: it becomes part of a host name.
    private static func region(_ argument: String?, profile: Substring) throws(RATLSError) -> String {
        let isRegion = argument.map { $0.contains("-") && $0.utf8.count <= 32 && $0.allSatisfy(Self.isRegionCharacter) } ?? false
        guard let argument, isRegion, !argument.hasPrefix("-"), !argument.hasSuffix("-") else {
            throw RATLSError(
                .badProfile, "profile \(profile) wants a region, as in \(profile):cn-hangzhou",
                remedy: "on an instance, `curl http://100.100.100.200/latest/meta-data/region-id` tells its region")
        }
        return argument
    }

    private static func isRegionCharacter(_ character: Character) -> Bool {
        character == "-" || ("a"..."z").contains(character) || ("0"..."9").contains(character)
    }
}
