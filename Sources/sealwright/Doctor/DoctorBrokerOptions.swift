// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import KeyBroker

/// A broker's files that a doctor looks at.
struct DoctorBrokerOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The policy file.", valueName: "file"))
    var policy: String?

    @Option(help: ArgumentHelp("The broker's certificate, PEM.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var privateKey: String?

    @Option(help: ArgumentHelp("A name by which enclaves reach the broker; repeat for more.", valueName: "name"))
    var name: [String] = []

    @Option(help: ArgumentHelp("The broker's store.", valueName: "file"))
    var store: String?

    @OptionGroup var masterKey: MasterKeyOptions

    /// What is to be looked at; the collateral service is left to the caller.
    func subject(_ endpoints: DoctorEndpointOptions) throws -> BrokerDoctor.Subject {
        guard (self.certificate == nil) == (self.privateKey == nil) else {
            throw CommandFailure("bad-options", "a certificate and its key belong together", remedy: "give --certificate and --private-key")
        }
        var subject = BrokerDoctor.Subject()
        subject.policy = self.policy
        if let certificate, let privateKey { subject.identity = .init(certificate: certificate, privateKey: privateKey) }
        subject.names = self.name
        subject.address = endpoints.address
        subject.ports = endpoints.ports(default: [4433, 8443])
        let masterKey = try self.masterKey.source()
        subject.store = self.store.map { ($0, masterKey) }
        return subject
    }
}
