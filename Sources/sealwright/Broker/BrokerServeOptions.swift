// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ByteCoding
import Foundation
import KeyBroker
import RATLS

/// Where a broker listens, what it reads, and how much it takes.
struct BrokerServeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The policy file.", valueName: "file"))
    var policy: String

    @Option(help: ArgumentHelp("The broker's certificate with its chain, PEM.", valueName: "file"))
    var certificate: String

    @Option(help: ArgumentHelp("The certificate's private key, PEM.", valueName: "file"))
    var privateKey: String

    @Option(
        name: .customLong("pccs-url"),
        help: "Base of the collateral service: a PCCS, or Intel's https://api.trustedservices.intel.com/sgx/certification/v4/.")
    var pccsURL: String?

    @Option(help: ArgumentHelp("The collateral service by name: \(CollateralProfile.forms).", valueName: "name"))
    var collateralProfile: String?

    @Option(
        help: ArgumentHelp(
            "Keep collateral in this folder, beyond the life of the process; without a service, take it from there alone (`collateral import`).",
            valueName: "dir"))
    var collateralCache: String?

    @Option(
        name: .customLong("pccs-ca"),
        help: ArgumentHelp("CA of the collateral service's own certificate, PEM, where the system does not know it.", valueName: "file"))
    var pccsCA: String?

    @Option(
        help: ArgumentHelp(
            "File with the subscription key that Intel's service wants for PCK certificates, for platforms whose quotes carry none.",
            valueName: "file"))
    var subscriptionKeyFile: String?

    @Option(help: "INSECURE, for development: accept evidence of the simulated platform with this root certificate.")
    var simulatedRoot: String?

    @Option(help: ArgumentHelp("The store with secrets, audit log and used challenges (see `broker store init`).", valueName: "file"))
    var store: String?

    @OptionGroup var masterKey: MasterKeyOptions

    @Option(
        help: ArgumentHelp(
            "File to append every decision to, one JSON object a line (default without a store: decisions.jsonl beside the policy).",
            valueName: "file"))
    var log: String?

    @Option(help: "Address to listen on; :: takes IPv6 and IPv4.")
    var address = "0.0.0.0"

    @Option(help: "Port of Gramine's protocol; 0 lets the system choose.")
    var port: UInt16 = 4433

    @Option(
        name: .customLong("https-port"), help: "Port of the HTTPS door, which needs a store (default: 8443; chosen by the system if --port is 0).")
    var httpsPort: UInt16?

    @Option(help: ArgumentHelp("Port for /livez, /readyz and /metrics over plain HTTP; none unless given.", valueName: "port"))
    var operationsPort: UInt16?

    @Option(help: "Address for them.")
    var operationsAddress = "127.0.0.1"

    @Option(help: ArgumentHelp("Connections a second from one address, in the long run.", valueName: "n"))
    var ratePerAddress = 500.0

    @Option(help: ArgumentHelp("Connections a second altogether, in the long run.", valueName: "n"))
    var rate = 5000.0

    @Option(help: ArgumentHelp("Connections at once on each door, half of them for one address.", valueName: "n"))
    var maximumConnections = 8192

    @Option(help: ArgumentHelp("Time for a TLS handshake on door 1, with verification.", valueName: "seconds"))
    var handshakeTimeout = 30

    @Option(help: ArgumentHelp("Time for the exchange after it.", valueName: "seconds"))
    var exchangeTimeout = 15

    @Option(help: ArgumentHelp("Time to finish what is under way after SIGTERM.", valueName: "seconds"))
    var drainTimeout = 30

    @Option(help: ArgumentHelp("Form of the messages on standard error: text or json.", valueName: "form"))
    var logFormat = LogFormat.text

    @Flag(help: "Print the configuration as it would be used, JSON, and end.")
    var printConfig = false

    /// How messages are written.
    enum LogFormat: String, ExpressibleByArgument, Codable, CaseIterable {
        case text, json
    }

    /// The collateral service; `nil` where collateral is in a folder that others fill.
    private func collateralAddress() throws -> CollateralServiceAddress? {
        switch (self.pccsURL, self.collateralProfile) {
        case (let url?, nil): return try CollateralServiceAddress(url)
        case (nil, let name?): return try CollateralProfile(name).address
        case (nil, nil) where self.collateralCache != nil: return nil
        default:
            throw CommandFailure(
                "collateral-service", "there has to be one place that collateral comes from",
                remedy: "give either --pccs-url or --collateral-profile, or a folder with --collateral-cache")
        }
    }

    /// The configuration that the options make.
    func configuration() throws -> BrokerConfiguration {
        let collateral = try self.collateralAddress()
        let masterKey = try self.masterKey.source()
        guard (self.store == nil) == (masterKey == nil) else {
            throw CommandFailure(
                "store-and-master-key", self.store == nil ? "a master key is given without a store" : "a store is given without its master key",
                remedy: "give --store and one of the --master-key options together")
        }
        guard self.store != nil || self.httpsPort == nil else {
            throw CommandFailure(
                "https-without-store", "the HTTPS door needs a store, which remembers the challenges that were used",
                remedy: "give --store with --master-key, or leave --https-port out")
        }
        guard self.rate > 0, self.ratePerAddress > 0, self.maximumConnections > 0, self.handshakeTimeout > 0, self.exchangeTimeout > 0 else {
            throw CommandFailure("bad-limit", "a limit is zero or less, with which nobody is served", remedy: "give limits above zero")
        }
        return BrokerConfiguration(
            options: self, collateral: collateral, log: self.log ?? (self.store == nil ? "\(parentFolder(of: self.policy))/decisions.jsonl" : nil),
            store: self.store.flatMap { path in masterKey.map { (path, $0) } },
            httpsPort: self.store == nil ? nil : self.httpsPort ?? (self.port == 0 ? 0 : UInt16(ChallengeDoor.Configuration().port)))
    }
}

/// A broker's whole configuration, defaults included.
struct BrokerConfiguration {
    let options: BrokerServeOptions
    /// `nil` where collateral is in a folder that others fill.
    let collateral: CollateralServiceAddress?
    /// Where decisions are appended to, beside the store or in its place: none goes unrecorded.
    let log: String?
    let store: (path: String, masterKey: MasterKey.Source)?
    /// `nil` without a second door.
    let httpsPort: UInt16?

    /// The configuration as it is printed; it names files and holds no secret.
    var description: Description {
        Description(
            policy: self.options.policy, certificate: self.options.certificate, privateKey: self.options.privateKey, pccsURL: self.collateral?.base,
            pccsCA: self.options.pccsCA, subscriptionKeyFile: self.options.subscriptionKeyFile, collateralCache: self.options.collateralCache,
            simulatedRoot: self.options.simulatedRoot,
            store: self.store?.path,
            masterKey: self.store?.masterKey.description, log: self.log, address: self.options.address, port: self.options.port,
            httpsPort: self.httpsPort, operationsAddress: self.options.operationsPort == nil ? nil : self.options.operationsAddress,
            operationsPort: self.options.operationsPort, ratePerAddress: self.options.ratePerAddress, rate: self.options.rate,
            maximumConnections: self.options.maximumConnections, handshakeTimeout: self.options.handshakeTimeout,
            exchangeTimeout: self.options.exchangeTimeout, drainTimeout: self.options.drainTimeout, logFormat: self.options.logFormat)
    }

    struct Description: Encodable {
        let policy: String
        let certificate: String
        let privateKey: String
        let pccsURL: String?
        let pccsCA: String?
        let subscriptionKeyFile: String?
        let collateralCache: String?
        let simulatedRoot: String?
        let store: String?
        let masterKey: String?
        let log: String?
        let address: String
        let port: UInt16
        let httpsPort: UInt16?
        let operationsAddress: String?
        let operationsPort: UInt16?
        let ratePerAddress: Double
        let rate: Double
        let maximumConnections: Int
        let handshakeTimeout: Int
        let exchangeTimeout: Int
        let drainTimeout: Int
        let logFormat: BrokerServeOptions.LogFormat
    }
}
