// SPDX-License-Identifier: Apache-2.0

import RATLS
import Testing

@Suite("Collateral profiles")
struct CollateralProfileTests {
    @Test(
        "name their services",
        arguments: [
            ("intel", "https://api.trustedservices.intel.com/sgx/certification/v4/"),
            ("azure", "https://global.acccache.azure.net/sgx/certification/v4/"),
            ("alibaba:cn-hangzhou", "https://sgx-dcap-server.cn-hangzhou.aliyuncs.com/sgx/certification/v4/"),
            ("alibaba-vpc:ap-southeast-5", "https://sgx-dcap-server-vpc.ap-southeast-5.aliyuncs.com/sgx/certification/v4/"),
            ("pccs", "https://localhost:8081/sgx/certification/v4/"), ("pccs:10.0.0.7", "https://10.0.0.7:8081/sgx/certification/v4/"),
            ("pccs:pccs.example:443", "https://pccs.example:443/sgx/certification/v4/"),
            ("pccs:[::1]", "https://[::1]:8081/sgx/certification/v4/"), ("pccs:[::1]:9", "https://[::1]:9/sgx/certification/v4/"),
        ])
    func services(name: String, base: String) throws {
        let profile = try CollateralProfile(name)
        #expect(profile.address.base == base)
        #expect(profile.address.isIntel == (name == "intel"))
        #expect(profile.address.version == .v4)
        #expect(profile.description == "\(name) (\(base))")
    }

    @Test(
        "of other names are refused, and the names that exist are told",
        arguments: [
            "", "Intel", "intel:x", "azure:eu", "aws", "alibaba", "alibaba:", "alibaba:cn", "alibaba:CN-x", "alibaba:evil.com/-", "alibaba:-a",
            "alibaba-vpc", "pccs:", "pccs:a/b", "pccs:a:0", "pccs:a:65536", "pccs:a:b", "pccs:[::1", "pccs:a@b", "pccs:[::1]x",
        ])
    func unknown(name: String) {
        let error = #expect(throws: RATLSError.self) { try CollateralProfile(name) }
        #expect(error?.code == .badProfile)
        #expect(error?.remedy?.isEmpty == false)
    }

    @Test("of Alibaba Cloud tell how to find the region")
    func region() {
        let error = #expect(throws: RATLSError.self) { try CollateralProfile("alibaba-vpc") }
        #expect(error?.remedy?.contains("region-id") == true)
    }
}
