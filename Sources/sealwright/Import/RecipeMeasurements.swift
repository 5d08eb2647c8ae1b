// SPDX-License-Identifier: Apache-2.0

import ByteCoding
import Foundation

/// The recipe's `ra_config.json`: which enclaves its key service gives the key to.
struct RecipeMeasurements {
    /// An enclave that gets the key.
    struct Entry {
        let mrEnclave: String?
        let mrSigner: String?
        let productID: UInt16?
        let minimumSVN: UInt16?
    }

    private struct File: Decodable {
        struct Measurements: Decodable {
            let mrEnclave, mrSigner, productID, svn: String?

            enum CodingKeys: String, CodingKey {
                case mrEnclave = "mr_enclave"
                case mrSigner = "mr_signer"
                case productID = "isv_prod_id"
                case svn = "isv_svn"
            }
        }

        let verifiesEnclave, verifiesSigner, verifiesProductID, verifiesSVN: String?
        let measurements: [Measurements]?

        enum CodingKeys: String, CodingKey {
            case verifiesEnclave = "verify_mr_enclave"
            case verifiesSigner = "verify_mr_signer"
            case verifiesProductID = "verify_isv_prod_id"
            case verifiesSVN = "verify_isv_svn"
            case measurements = "mrs"
        }
    }

    private(set) var entries: [Entry] = []
    private(set) var findings: [RecipeFinding] = []

    /// Measurements that the recipe's repository publishes as examples: their signing key lies in public image layers.
    private static let published: Set<String> = [
        "7de5ab70f2cd92cb7c0f9274befe3493470cec5a2bc7b2df2e224a614ec7fd90", "b11a7be39a7ba685e1807f1d295d65bbd8ac5436da615f686312f34419786ae8",
    ]

    /// Reads the file's contents.
    init(_ bytes: [UInt8], file: String) throws {
        let config: File
        do {
            config = try JSONDecoder().decode(File.self, from: Data(bytes))
        } catch {
            throw CommandFailure("bad-ra-config", "\(file) is not the recipe's ra_config.json: \(error)", exitStatus: .badData)
        }
        let switches = [
            ("verify_mr_enclave", config.verifiesEnclave), ("verify_mr_signer", config.verifiesSigner),
            ("verify_isv_prod_id", config.verifiesProductID), ("verify_isv_svn", config.verifiesSVN),
        ]
        for (name, value) in switches where value != "on" {
            self.findings.append(
                RecipeFinding(
                    identifier: "measurement-off", file: file, message: "\(name) is “\(value ?? "absent")”: the original does not compare it",
                    instead: "the policy compares it where the file has a value"))
        }
        if self.findings.count == 4 {
            self.findings.append(
                RecipeFinding(
                    identifier: "accepts-everyone", file: file, message: "all four checks are off: the original gives the key to every enclave",
                    instead: "the policy names the enclaves below, or none"))
        }
        for (index, measurements) in (config.measurements ?? []).enumerated() { self.add(measurements, index, file) }
        if !self.entries.isEmpty, self.entries.contains(where: { $0.minimumSVN != nil }) {
            self.findings.append(
                RecipeFinding(
                    identifier: "misread-numbers", file: file,
                    message:
                        "the original reads isv_prod_id and isv_svn with their quotes, so that each counts as 0, and compares isv_svn for equality",
                    instead: "the policy takes the numbers as written, isv_svn as the least"))
        }
    }

    private mutating func add(_ measurements: File.Measurements, _ index: Int, _ file: String) {
        let entry = Entry(
            mrEnclave: self.measurement("mr_enclave", measurements.mrEnclave, index, file),
            mrSigner: self.measurement("mr_signer", measurements.mrSigner, index, file),
            productID: measurements.productID.flatMap { UInt16($0) }, minimumSVN: measurements.svn.flatMap { UInt16($0) })
        if entry.mrEnclave != nil || entry.mrSigner != nil { self.entries.append(entry) }
    }

    /// A measurement, if it is one that can be relied on.
    private mutating func measurement(_ name: String, _ text: String?, _ index: Int, _ file: String) -> String? {
        guard let text, !text.isEmpty else { return nil }
        let value = text.lowercased()
        guard let bytes = [UInt8](hex: value), bytes.count == 32, bytes.contains(where: { $0 != 0 }) else {
            self.findings.append(
                RecipeFinding(
                    identifier: "bad-measurement", file: file, message: "\(name) of entry \(index) is no measurement: “\(text.prefix(70))”",
                    instead: "left out; take it from the enclave's .sig file (sealwright policy from-sigstruct, or gramine-sgx-sigstruct-view)"))
            return nil
        }
        if Self.published.contains(value) {
            self.findings.append(
                RecipeFinding(
                    identifier: "published-measurement", file: file, message: "\(name) of entry \(index) is the recipe's own example",
                    instead: "kept, but build and sign your own enclave: whoever pulls the recipe's image can sign as its signer"))
        }
        return value
    }
}
