// SPDX-License-Identifier: Apache-2.0

import ByteCoding

extension TDReport {
    /// The additions of the extended report of version 1.5 (body type 4; Intel TDX module ABI 348551-008).
    ///
    /// Experimental: read after the specification, never seen from a real platform.
    public struct Extended: Hashable, Sendable {
        /// VMID of the trust domain's virtual machine.
        public let vmID: UInt8
        /// Identifier of the trust domain.
        public let tdIdentifier: TDIdentifier
        /// Digest of the trusted devices.
        public let deviceInfoHash: TDMeasurement
        /// Digest of the service trust domains that were bound first.
        public let initialServiceTDHash: TDMeasurement
        /// Attributes of the service trust domains that were bound first.
        public let initialServiceTDAttributes: TDAttributes
        /// Security version of the processor when the trust domain was started first.
        public let initialCPUSVN: CPUSVN
        /// Versions of the TDX module when the trust domain was started first.
        public let initialTEETCBSVN: TEETCBSVN
        /// Model of the platform on which the trust domain was started first.
        public let initialFMSPC: TDFMSPC
        /// Digest of the service trust domains that are bound now.
        public let currentServiceTDHash: TDMeasurement
        /// Attributes of the service trust domains that are bound now.
        public let currentServiceTDAttributes: TDAttributes

        init(from reader: inout ByteReader) throws(QuoteError) {
            self.vmID = try reader.bytes(1, of: "TD report VMID")[0]
            self.tdIdentifier = try reader.value(TDIdentifier.self, "TD report TD id")
            self.deviceInfoHash = try reader.value(TDMeasurement.self, "TD report device info hash")
            self.initialServiceTDHash = try reader.value(TDMeasurement.self, "TD report initial service TD hash")
            self.initialServiceTDAttributes = try reader.value(TDAttributes.self, "TD report initial service TD attributes")
            self.initialCPUSVN = try reader.value(CPUSVN.self, "TD report initial CPUSVN")
            self.initialTEETCBSVN = try reader.value(TEETCBSVN.self, "TD report initial TEE_TCB_SVN")
            self.initialFMSPC = try reader.value(TDFMSPC.self, "TD report initial FMSPC")
            self.currentServiceTDHash = try reader.value(TDMeasurement.self, "TD report current service TD hash")
            self.currentServiceTDAttributes = try reader.value(TDAttributes.self, "TD report current service TD attributes")
        }
    }
}
