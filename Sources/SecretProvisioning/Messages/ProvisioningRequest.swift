// SPDX-License-Identifier: Apache-2.0

/// The client's one message in Gramine's secret provisioning protocol, version 1.
public enum ProvisioningRequest {
    /// What the client sends once the TLS handshake is done: a fixed text with its final NUL, 35 bytes.
    public static let bytes: [UInt8] = Array("SECRET_PROVISION_RA_TLS_REQUEST_V1".utf8) + [0]
}
