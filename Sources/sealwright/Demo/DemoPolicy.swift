// SPDX-License-Identifier: Apache-2.0

/// The demo's release policy: this enclave, at the latest security level, gets the key.
struct DemoPolicy {
    /// The measurement of the simulated enclave that is to get the key.
    static let mrEnclave = String(repeating: "5ea1", count: 16)
    /// The signer of the simulated enclave.
    static let mrSigner = String(repeating: "0b", count: 32)
    /// Another enclave: the same signer, other code.
    static let otherMREnclave = String(repeating: "bad0", count: 16)

    /// The policy file; the wrap key's path is relative to it.
    static let yaml = """
        version: 1
        secrets:
          - name: wrap-key
            file: wrap-key
            encoding: raw
            production: false          # a production secret is never released to simulated evidence
        rules:
          - secret: wrap-key
            sgx:
              mr_enclave: [\(mrEnclave)]
              mr_signer: [\(mrSigner)]
              isv_prod_id: 0
              minimum_isv_svn: 0
            tcb:
              accept: [UpToDate]
            freshness: required        # evidence answers a challenge; tls-only lets Gramine's own protocol in

        """
}
