// SPDX-License-Identifier: Apache-2.0

import SwiftASN1

extension SGXPlatform {
    /// Reads the SGX extension of a PCK certificate (Intel, OID 1.2.840.113741.1.13.1).
    init(pckCertificate certificate: PKICertificate, issuerCommonName: String) throws(CollateralError) {
        guard let sgx = certificate.extensions[ObjectIdentifiers.sgx] else {
            throw CollateralError("the certificate has no SGX extension (\(ObjectIdentifiers.sgx))")
        }
        do {
            self = try SGXPlatform(SGXExtensionFields(DER.parse(sgx.value), prefix: ObjectIdentifiers.sgx), issuerCommonName: issuerCommonName)
        } catch let error as CollateralError {
            throw error.within("SGX extension")
        } catch {
            throw CollateralError("SGX extension is not DER: \(error)")
        }
    }

    private init(_ fields: SGXExtensionFields, issuerCommonName: String) throws {
        let tcb = try SGXExtensionFields(fields.required(2), prefix: ObjectIdentifiers.sgx + [2])
        self.ppid = try fields.octets(1)
        self.tcbComponents = try (1...16).map { try UInt8(derEncoded: tcb.required(UInt($0))) }
        self.pceSVN = try UInt16(derEncoded: tcb.required(17))
        self.cpuSVN = try tcb.octets(18)
        guard self.cpuSVN.bytes == self.tcbComponents else {
            throw CollateralError("CPUSVN \(self.cpuSVN) differs from the TCB components")
        }
        self.pceID = try fields.octets(3)
        self.fmspc = try fields.octets(4)
        self.memoryProtection = try Self.memoryProtection(fields.required(5))
        self.platformInstanceID = fields.has(6) ? try fields.octets(6) : nil
        self.certificateAuthority = Self.authority(named: issuerCommonName, hasInstance: fields.has(6))
        guard fields.has(7) else {
            (self.isDynamicPlatform, self.hasCachedKeys, self.isSMTEnabled) = (nil, nil, nil)
            return
        }
        let configuration = try SGXExtensionFields(fields.required(7), prefix: ObjectIdentifiers.sgx + [7])
        self.isDynamicPlatform = try configuration.optionalBoolean(1)
        self.hasCachedKeys = try configuration.optionalBoolean(2)
        self.isSMTEnabled = try configuration.optionalBoolean(3)
    }

    private static func memoryProtection(_ node: ASN1Node) throws -> MemoryProtection {
        guard node.identifier == .enumerated, case .primitive(let content) = node.content, content.count == 1, let number = content.first,
            let protection = MemoryProtection(rawValue: Int(number))
        else { throw CollateralError("SGX type is not 0, 1 or 2") }
        return protection
    }

    /// The issuer's name says which CA it is; in a PKI with other names, only the platform CA's certificates name an instance.
    private static func authority(named commonName: String, hasInstance: Bool) -> CertificateAuthority {
        if commonName.contains("Platform") { return .platform }
        if commonName.contains("Processor") { return .processor }
        return hasInstance ? .platform : .processor
    }
}

/// A SEQUENCE OF SEQUENCE { OID, value }, by the last arc of each OID.
private struct SGXExtensionFields {
    private var values: [UInt: ASN1Node] = [:]

    /// Most fields on one level; the TCB has 18.
    private static let maximumCount = 32

    init(_ node: ASN1Node, prefix: ASN1ObjectIdentifier) throws {
        let prefix = prefix.oidComponents
        guard node.identifier == .sequence, case .constructed(let fields) = node.content else { throw CollateralError("fields are not a SEQUENCE") }
        for field in fields {
            try DER.sequence(field, identifier: .sequence) { nodes in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &nodes)
                guard let value = nodes.next() else { throw CollateralError("field \(identifier) has no value") }
                let arcs = identifier.oidComponents
                guard arcs.count == prefix.count + 1, arcs.starts(with: prefix), let last = arcs.last else {
                    throw CollateralError("field \(identifier) is not expected here")
                }
                guard self.values.updateValue(value, forKey: last) == nil else { throw CollateralError("field \(identifier) occurs twice") }
                guard self.values.count <= Self.maximumCount else { throw CollateralError("too many fields") }
            }
        }
    }

    func has(_ arc: UInt) -> Bool { self.values[arc] != nil }

    func required(_ arc: UInt) throws -> ASN1Node {
        guard let node = self.values[arc] else { throw CollateralError("field .\(arc) is missing") }
        return node
    }

    func octets<Value: FixedSizeBytes>(_ arc: UInt) throws -> Value {
        let octets = try ASN1OctetString(derEncoded: self.required(arc))
        guard let value = Value(Array(octets.bytes)) else {
            throw CollateralError("field .\(arc) has \(octets.bytes.count) bytes, not \(Value.size)")
        }
        return value
    }

    func optionalBoolean(_ arc: UInt) throws -> Bool? {
        guard let node = self.values[arc] else { return nil }
        return try Bool(derEncoded: node)
    }
}

private func + (prefix: ASN1ObjectIdentifier, arcs: [UInt]) throws -> ASN1ObjectIdentifier {
    try ASN1ObjectIdentifier(elements: prefix.oidComponents + arcs)
}
