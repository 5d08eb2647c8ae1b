// SPDX-License-Identifier: Apache-2.0

/// What operators can do about failed checks, said once.
enum Remedies {
    static let badQuote = "get a new quote from the attester; if it fails again, the attester or the connection alters quotes: do not trust it"
    static let refetch = "fetch the collateral again from Intel PCS or a PCCS, and keep its bytes unchanged"
    static let refreshCache =
        "fetch current collateral; if the service still hands out old data, refresh its cache (PCCS: its refresh command); check this machine's clock"
    static let clock = "check this machine's clock; if it is right, fetch collateral and platform certificates again"
    static let otherRoot =
        "check that quote and collateral come from the same kind of TEE (real or simulated), and that its root is given to this verifier"
    static let otherPlatform = "fetch the TCB info for the FMSPC and PCE of this platform's PCK certificate"
    static let provision = "register the platform and fetch its PCK certificate again, then make a new quote"
    static let revoked = "do not trust this platform; its vendor or owner has to find out why Intel revoked it"
    static let updatePlatform = "update BIOS and microcode of the platform, let it fetch a new PCK certificate, then make a new quote"
    static let updateQE = "update the DCAP packages (quoting enclave) on the platform, then make a new quote"
    static let updateTDXModule = "update the platform's TDX module, start the trust domain again, then make a new quote"
    static let otherTDXModule =
        "fetch current TCB info for TDX; if the module is still not in it, the platform runs a module that Intel does not vouch for: do not trust it"
    static let wrongCRL =
        "fetch the revocation list of the CA that issued this PCK certificate (ca=platform or ca=processor) and the root's, and do not swap them"
}
