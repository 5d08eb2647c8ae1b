// SPDX-License-Identifier: Apache-2.0

/// Which edition of TCB info and QE identity a service is asked for (parameter `update` of Intel's PCS, version 4).
///
/// After a security disclosure Intel publishes new TCB levels at once as the early edition. The standard edition, which verifiers use
/// unless told otherwise, follows later, so that platforms can be updated in between.
public enum CollateralUpdate: Hashable, Sendable {
    /// What verifiers judge by: the default.
    case standard
    /// What they will judge by.
    case early
    /// The edition with this TCB evaluation data number.
    case evaluation(Int)
}
