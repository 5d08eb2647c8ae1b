// SPDX-License-Identifier: Apache-2.0

public import Attestation

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

extension PCCSClient {
    /// Gets the collateral of one model of platform, with where and when it was got.
    ///
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func entry(for key: CollateralKey, update: CollateralUpdate = .standard, at time: Date = Date()) async throws -> CollateralEntry {
        CollateralEntry(key: key, collateral: try await self.collateral(for: key, update: update), fetchedAt: time, source: self.address.base)
    }

    /// Gets the collateral that verifying a quote takes, whatever the quote says about its PCK certificate.
    ///
    /// * Certification data types 1 to 3 name a platform: its PCK certificate is asked for.
    /// * Type 4 is the PCK certificate alone: its CA's comes with the revocation list.
    /// * Type 5 is the whole chain.
    ///
    /// - Throws: ``RATLSError``, naming address, status and remedy.
    public func entry(for quote: Quote, update: CollateralUpdate = .standard, at time: Date = Date()) async throws -> CollateralEntry {
        switch quote.certificationData.kind {
        case .plainPPID, .ppidRSA2048, .ppidRSA3072:
            let chain = try await self.pckCertificateChain(for: quote)
            return try await self.entry(for: CollateralKey(tee: quote.header.tee, pckChain: chain), update: update, at: time).adding(pckChain: chain)
        case .pckCertificate:
            let entry = try await self.entry(for: CollateralKey(quote: quote), update: update, at: time)
            return entry.adding(pckChain: entry.collateral.pckChain(ofCertificateIn: quote))
        default:
            return try await self.entry(for: CollateralKey(quote: quote), update: update, at: time)
        }
    }
}

extension CollateralEntry {
    /// The entry with a PCK certificate chain.
    fileprivate func adding(pckChain: [UInt8]) -> CollateralEntry {
        CollateralEntry(key: self.key, collateral: self.collateral.adding(pckChain: pckChain), fetchedAt: self.fetchedAt, source: self.source)
    }
}
