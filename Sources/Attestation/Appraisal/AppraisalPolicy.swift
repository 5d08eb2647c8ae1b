// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An owner's conditions for trusting an enclave or a trust domain, applied to quotes that are verified already.
///
/// Everything looser than the default has to be said: what is not given refuses, and a rule is given up only by a ``Waiver``.
public struct AppraisalPolicy: Hashable, Sendable {
    /// What is done with evidence of a software TEE, which proves nothing.
    public enum SimulatedEvidence: Hashable, Sendable {
        /// Refused.
        case refused
        /// Accepted for secrets that are not marked `production`; for development.
        case allowed
    }

    /// What the decision is about.
    public enum Purpose: Hashable, Sendable {
        /// A secret marked `production`: never released on simulated evidence, whatever else is said.
        case production
        /// Anything else.
        case development
    }

    /// The kinds of evidence that the owner means at all; no waiver lets another kind in.
    public var tees: Set<TEE> = [.sgx, .tdx]
    /// What an enclave has to be.
    public var sgx: SGXReferenceValues
    /// What a trust domain has to be.
    public var tdx: TDXReferenceValues
    /// How up to date the platform has to be.
    public var tcb: TCBRequirements
    /// Rules that are given up for a time.
    public var waivers: [Waiver]
    /// What is done with evidence of a software TEE.
    public var simulatedEvidence: SimulatedEvidence
    /// What the decision is about.
    public var purpose: Purpose

    /// A policy; without arguments it refuses everything, for it names nothing.
    public init(
        sgx: SGXReferenceValues = SGXReferenceValues(), tdx: TDXReferenceValues = TDXReferenceValues(), tcb: TCBRequirements = TCBRequirements(),
        waivers: [Waiver] = [], simulatedEvidence: SimulatedEvidence = .refused, purpose: Purpose = .production
    ) {
        self.sgx = sgx
        self.tdx = tdx
        self.tcb = tcb
        self.waivers = waivers
        self.simulatedEvidence = simulatedEvidence
        self.purpose = purpose
    }

    /// The waiver of that kind that is in force at `time`.
    func waiver(_ kind: Waiver.Kind, at time: Date) -> Waiver? {
        self.waivers.first { $0.kind == kind && $0.isInForce(at: time) }
    }
}
