// SPDX-License-Identifier: Apache-2.0

import Attestation
import Foundation
import TestSupport
import Testing

/// A real quote and its genuine collateral, damaged in one place at a time.
@Suite("Tampering", .enabled(if: SharedVectors.exist("dcap")))
struct TamperingTests {
    static let vector = VectorSets.real.first { $0.id == "sgx-v3-00606a000000-268c0681-20250908-valid" }

    /// Regions of a version 3 quote, and the check that a flipped bit in each of them fails.
    static let regions: [(offset: Int, count: Int, checks: Set<Check.ID>)] = [
        (28, 4, [.quoteSignature]),  // header: user data
        (8, 4, [.quoteSignature]),  // header: QE SVN, PCE SVN
        (48 + 64, 4, [.quoteSignature]),  // MRENCLAVE
        (48 + 320, 4, [.quoteSignature]),  // report data
        (436, 4, [.quoteSignature]),  // signature R
        (436 + 60, 4, [.quoteSignature]),  // signature S
        (436 + 64, 2, [.quoteAttestationKey, .qeReportKeyBinding]),  // attestation key
        (436 + 128 + 128, 2, [.qeReportSignature]),  // QE report: MRSIGNER
        (436 + 128 + 320, 2, [.qeReportSignature]),  // QE report: report data
        (436 + 512, 4, [.qeReportSignature]),  // QE report signature
        (436 + 578, 4, [.qeReportKeyBinding]),  // QE authentication data
    ]

    @Test("every flipped bit fails the check that covers it", arguments: 0..<Self.regions.count)
    func quoteBits(region index: Int) throws {
        let region = Self.regions[index]
        let vector = try #require(Self.vector)
        let (verifier, collateral, quote) = (try vector.verifier(), try vector.collateralBytes(), try vector.quoteBytes())
        for bit in 0..<(region.count * 8) {
            var damaged = quote
            damaged[region.offset + bit / 8] ^= 1 << UInt8(bit % 8)
            let outcome = verifier.verify(encodedQuote: damaged, collateral: collateral, at: vector.time)
            let failed = try #require(outcome.report.firstFailure?.id, "byte \(region.offset + bit / 8), bit \(bit % 8)")
            #expect(region.checks.contains(failed), "byte \(region.offset + bit / 8), bit \(bit % 8): \(failed)")
        }
    }

    @Test("collateral with any byte damaged is never accepted")
    func collateralBytes() throws {
        let vector = try #require(Self.vector)
        let (verifier, good, quote) = (try vector.verifier(), try vector.collateralBytes(), try vector.quoteBytes())
        let pieces: [WritableKeyPath<Collateral, [UInt8]>] = [\.tcbInfo, \.qeIdentity, \.pckCRL, \.rootCACRL]
        for piece in pieces {
            for position in stride(from: 0, to: good[keyPath: piece].count, by: 211) {
                var damaged = good
                damaged[keyPath: piece][position] ^= 0x01
                let outcome = verifier.verify(encodedQuote: quote, collateral: damaged, at: vector.time)
                #expect(outcome.verifiedQuote == nil, "\(piece), byte \(position)")
            }
        }
    }

    @Test("collateral cut short anywhere is never accepted")
    func collateralTruncation() throws {
        let vector = try #require(Self.vector)
        let (verifier, good, quote) = (try vector.verifier(), try vector.collateralBytes(), try vector.quoteBytes())
        let pieces: [WritableKeyPath<Collateral, [UInt8]>] = [
            \.tcbInfo, \.qeIdentity, \.pckCRL, \.rootCACRL, \.tcbInfoIssuerChain, \.qeIdentityIssuerChain,
        ]
        for piece in pieces {
            for length in stride(from: 0, to: good[keyPath: piece].count - 1, by: 397) {
                var damaged = good
                damaged[keyPath: piece].removeLast(damaged[keyPath: piece].count - length)
                let outcome = verifier.verify(encodedQuote: quote, collateral: damaged, at: vector.time)
                #expect(outcome.verifiedQuote == nil, "\(piece), length \(length)")
            }
        }
    }

    @Test("a piece of nothing but padding fails its format", arguments: [[], [0], [0, 0, 0], [0x20, 0x0a]] as [[UInt8]])
    func emptyPieces(bytes: [UInt8]) throws {
        let vector = try #require(Self.vector)
        let pieces: [(WritableKeyPath<Collateral, [UInt8]>, Check.ID)] = [
            (\.rootCACRL, .rootCRLFormat), (\.pckCRL, .pckCRLFormat), (\.tcbInfoIssuerChain, .tcbInfoChainFormat), (\.tcbInfo, .tcbInfoFormat),
            (\.qeIdentityIssuerChain, .qeIdentityChainFormat), (\.qeIdentity, .qeIdentityFormat),
        ]
        for (piece, check) in pieces {
            var collateral = try vector.collateralBytes()
            collateral[keyPath: piece] = bytes
            let outcome = try vector.verifier().verify(encodedQuote: try vector.quoteBytes(), collateral: collateral, at: vector.time)
            #expect(outcome.report.firstFailure?.id == check)
        }
    }

    @Test("another root refuses the chain at its pin")
    func otherRoot() throws {
        let vector = try #require(Self.vector)
        let der = try SharedVectors.read("dcap-synthetic/\(VectorSets.synthetic[0].root)")
        for roots in [[], [RootOfTrust(certificateDER: der, kind: .custom)]] {
            let outcome = QuoteVerifier(roots: roots)
                .verify(encodedQuote: try vector.quoteBytes(), collateral: try vector.collateralBytes(), at: vector.time)
            #expect(outcome.report.firstFailure?.id == .pckChainRootPinned)
        }
    }

    @Test("statements signed under another root than the quote's are refused")
    func otherSigningRoot() throws {
        let vector = try #require(Self.vector)
        let chain = try SharedVectors.read("dcap-synthetic/\(try #require(VectorSets.synthetic[0].collateral["tcb_info_issuer_chain"]))")
        let pieces: [(WritableKeyPath<Collateral, [UInt8]>, Check.ID)] = [
            (\.tcbInfoIssuerChain, .tcbInfoChainRootPinned), (\.qeIdentityIssuerChain, .qeIdentityChainRootPinned),
        ]
        for (piece, check) in pieces {
            var collateral = try vector.collateralBytes()
            collateral[keyPath: piece] = chain
            let outcome = try vector.verifier().verify(encodedQuote: try vector.quoteBytes(), collateral: collateral, at: vector.time)
            #expect(outcome.report.firstFailure?.id == check)
        }
    }

    @Test("genuine TCB info for TDX does not serve an SGX quote")
    func otherTEE() throws {
        let vector = try #require(VectorSets.real.first { $0.id == "sgx-v3-00606a000000-268c0681-20250626-valid" })
        var collateral = try vector.collateralBytes()
        collateral.tcbInfo = try SharedVectors.read("dcap/collateral/tcbinfo-tdx-v3-b0c06f000000-20250619-e17-369f.json")
        let outcome = try vector.verifier().verify(encodedQuote: try vector.quoteBytes(), collateral: collateral, at: vector.time)
        #expect(outcome.report.firstFailure?.id == .tcbInfoTEE)
    }

    @Test("the built-in root is Intel's")
    func intelRoot() throws {
        let vector = try #require(Self.vector)
        let outcome = QuoteVerifier(roots: [.intelSGX])
            .verify(encodedQuote: try vector.quoteBytes(), collateral: try vector.collateralBytes(), at: vector.time)
        #expect(outcome.verifiedQuote?.root == .intelSGX)
    }

    @Test("a time at a bound is valid, one second beyond is not")
    func bounds() throws {
        let vector = try #require(Self.vector)
        let (verifier, collateral, quote) = (try vector.verifier(), try vector.collateralBytes(), try vector.quoteBytes())
        let verified = try #require(try vector.verify().verifiedQuote)
        for (time, isValid) in [
            (verified.collateralIssued, true), (verified.collateralExpiration, true),
            (verified.collateralIssued.addingTimeInterval(-1), false), (verified.collateralExpiration.addingTimeInterval(1), false),
        ] {
            #expect((verifier.verify(encodedQuote: quote, collateral: collateral, at: time).verifiedQuote != nil) == isValid)
        }
    }

    @Test("revocation lists are read as DER, PEM and hexadecimal text")
    func revocationListForms() throws {
        let vector = try #require(Self.vector)
        let (verifier, good, quote) = (try vector.verifier(), try vector.collateralBytes(), try vector.quoteBytes())
        let base64 = Data(good.pckCRL).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        let hex = good.pckCRL.map { String(format: "%02X", $0) }.joined()
        for form in ["-----BEGIN X509 CRL-----\n\(base64)\n-----END X509 CRL-----\n", hex, hex.lowercased() + "\0"] {
            var collateral = good
            collateral.pckCRL = Array(form.utf8)
            let outcome = verifier.verify(encodedQuote: quote, collateral: collateral, at: vector.time)
            #expect(outcome.verifiedQuote != nil, "\(outcome.report.summary)")
        }
    }

    @Test("a chain of another platform beside the embedded one is refused")
    func otherChain() throws {
        let vector = try #require(Self.vector)
        var collateral = try vector.collateralBytes()
        collateral.pckChain = try SharedVectors.read("dcap-synthetic/\(try #require(VectorSets.synthetic[0].collateral["pck_chain"]))")
        let outcome = try vector.verifier().verify(encodedQuote: try vector.quoteBytes(), collateral: collateral, at: vector.time)
        #expect(outcome.report.firstFailure?.id == .pckChainLeafMatch)
    }

    @Test("a quote without its PCK chain needs it in the collateral")
    func missingChain() throws {
        let vector = try #require(VectorSets.synthetic.first { $0.id == "sgx3-cert-type-1" })
        var collateral = try vector.collateralBytes()
        collateral.pckChain = nil
        let outcome = try vector.verifier().verify(encodedQuote: try vector.quoteBytes(), collateral: collateral, at: vector.time)
        #expect(outcome.report.firstFailure?.id == .pckChainPresence)
    }

    @Test("reports have a text, a summary and a JSON form that comes back the same")
    func reportForms() throws {
        let vector = try #require(VectorSets.real.first { $0.id.hasSuffix("tcb-info-expired") && $0.id.hasPrefix("sgx") })
        let report = try vector.verify().report
        #expect(report.text.split(separator: "\n").count == report.checks.count)
        #expect(report.summary.contains("tcb-info.freshness"))
        #expect(try JSONDecoder().decode(VerificationReport.self, from: JSONEncoder().encode(report)) == report)
    }
}
