// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// The vector sets beside the project (see the notes on origin and licence in their manifests).
enum VectorSets {
    /// Real quotes with genuine Intel collateral.
    static let real = (try? Self.loadReal()) ?? []
    /// Quotes and collateral of a test PKI, most of them damaged in one place.
    static let synthetic = (try? Self.loadSynthetic()) ?? []

    private static func entries(_ folder: String) throws -> [[String: Any]] {
        guard SharedVectors.exist("\(folder)/manifest.json") else { return [] }
        let data = Data(try SharedVectors.read("\(folder)/manifest.json"))
        let manifest = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        return manifest?["vectors"] as? [[String: Any]] ?? []
    }

    private static func loadReal() throws -> [VectorCase] {
        try self.entries("dcap").compactMap { entry in
            guard let expected = entry["expected"] as? [String: Any], let collateral = entry["collateral"] as? [String: String] else { return nil }
            return VectorCase(
                id: entry["id"] as! String, quote: entry["quote"] as! String, collateral: collateral, root: collateral["root_ca"]!,
                time: Date(timeIntervalSince1970: (entry["verification_time"] as! NSNumber).doubleValue),
                recommended: expected["recommended"] as! String, advisoryIDs: expected["advisory_ids"] as? [String],
                isDebug: expected["debug"] as! Bool, body: Self.fields(expected), folder: "dcap")
        }
    }

    private static func loadSynthetic() throws -> [VectorCase] {
        try self.entries("dcap-synthetic").compactMap { entry in
            guard let expected = entry["expected"] as? [String: Any] else { return nil }
            var collateral: [String: String] = [:]
            for name in ["tcb_info", "qe_identity", "pck_crl", "root_ca_crl", "pck_chain"] { collateral[name] = entry[name] as? String }
            for name in ["tcb_info_issuer_chain", "qe_identity_issuer_chain"] { collateral[name] = entry["tcb_signing_chain"] as? String }
            return VectorCase(
                id: entry["id"] as! String, quote: entry["quote"] as! String, collateral: collateral, root: entry["trusted_root_ca"] as! String,
                time: Date(timeIntervalSince1970: (entry["verification_time"] as! NSNumber).doubleValue),
                recommended: entry["recommended"] as! String, advisoryIDs: expected["advisory_ids"] as? [String],
                isDebug: entry["debug"] as! Bool, folder: "dcap-synthetic")
        }
    }

    /// What a manifest says about the report: texts as they stand, numbers in decimal.
    private static func fields(_ expected: [String: Any]) -> [String: String] {
        var fields = (expected["body"] as? [String: Any] ?? [:]).compactMapValues { $0 as? String ?? ($0 as? NSNumber)?.stringValue }
        fields["report_data"] = expected["report_data"] as? String
        return fields
    }
}
