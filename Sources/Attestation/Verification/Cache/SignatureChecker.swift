// SPDX-License-Identifier: Apache-2.0

import Crypto

/// Checks signatures, with a cache if there is one.
struct SignatureChecker: Sendable {
    let cache: VerificationCache?

    /// Whether `signature` is by `key` over what has this digest; without a key nothing is.
    ///
    /// Good signatures are remembered.
    func isValid(_ signature: EncodedSignature, over digest: SHA256Digest, by key: VerifyingKey?) -> Bool {
        guard let key else { return false }
        return self.cache?.isValid(signature, over: digest, by: key) ?? signature.isValid(over: digest, by: key)
    }
}
