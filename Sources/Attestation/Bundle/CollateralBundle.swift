// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Collateral of several kinds of platforms in one JSON file, for machines without network and for caches.
///
/// Signed bodies are kept as strings, so that they come out byte for byte as the service sent them; revocation lists are
/// hexadecimal digits of DER. The members of an entry are named as in the collateral of PyPI's and crates.io's `dcap-qvl`, whose
/// single object is read too. The format is described in the article <doc:CollateralAndProfiles>.
public struct CollateralBundle: Hashable, Sendable {
    /// What is in it, at most one for each key.
    public private(set) var entries: [CollateralEntry]

    /// Gathers entries; of two with the same key the later one stays.
    public init(_ entries: [CollateralEntry] = []) {
        self.entries = []
        for entry in entries { self.insert(entry) }
    }

    /// Adds an entry, in the place of the one with the same key if there is one.
    public mutating func insert(_ entry: CollateralEntry) {
        if let index = self.entries.firstIndex(where: { $0.key == entry.key }) {
            self.entries[index] = entry
        } else {
            self.entries.append(entry)
        }
    }

    /// The entry for a kind of platform.
    public subscript(key: CollateralKey) -> CollateralEntry? { self.entries.first { $0.key == key } }
}

extension CollateralBundle {
    /// Chooses the collateral that verifying an encoded quote takes.
    ///
    /// The only entry is chosen whatever the quote is, so that verification says what does not fit. Among several it is that of the platform
    /// that the quote names; for quotes without a PCK certificate, the one whose PCK certificate signed the quoting enclave's report.
    ///
    /// - Throws: ``CollateralBundleError`` when there are several entries and none is for the quote's platform.
    public func collateral(forEncodedQuote encodedQuote: [UInt8]) throws(CollateralBundleError) -> Collateral {
        if let only = self.entries.first, self.entries.count == 1 { return only.collateral }
        // Verification refuses such bytes for what they are, whatever the collateral.
        guard let quote = try? Quote(decoding: encodedQuote.span) else { return .none }
        guard let entry = self.entry(for: quote) else {
            let held = self.entries.map { "\($0.key)" }.joined(separator: "; ")
            throw CollateralBundleError(.noEntry, "no collateral for this quote's platform; there is: \(held.isEmpty ? "none" : held)")
        }
        return entry.collateral
    }

    private func entry(for quote: Quote) -> CollateralEntry? {
        if let platform = try? quote.claimedPlatform() {
            let key = CollateralKey(tee: quote.header.tee, fmspc: platform.fmspc, certificateAuthority: platform.certificateAuthority)
            return self[key]
        }
        return self.entries.first { $0.key.tee == quote.header.tee && $0.collateral.certifiesQuotingEnclave(of: quote) }
    }
}

extension Collateral {
    /// Whether the PCK certificate in this collateral is the one whose key signed the quoting enclave's report.
    fileprivate func certifiesQuotingEnclave(of quote: Quote) -> Bool {
        guard let chain = self.pckChain, let leaf = try? PKICertificate.chain(pem: chain).first, let key = leaf.publicKey else { return false }
        return EncodedSignature.raw(quote.qeReportSignature).isValid(over: SHA256.hash(data: quote.qeReportBytes), by: key)
    }
}
