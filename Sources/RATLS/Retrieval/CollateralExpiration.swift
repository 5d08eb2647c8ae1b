import Attestation
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
enum CollateralExpiration {
    static func date(of collateral: Collateral) -> Date? { nil }
}
