// SPDX-License-Identifier: Apache-2.0

public import Attestation

extension Check.ID {
    /// There was collateral to be had for the quote's platform.
    public static let collateralAvailable = Check.ID("collateral.available")
}
