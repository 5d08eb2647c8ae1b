// swift-tools-version: 6.2
import PackageDescription

// `make` sets this in CI, where a warning is an error.
let isStrict = Context.environment["SEALWRIGHT_STRICT"] != nil

let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("ImmutableWeakCaptures"),
        .enableExperimentalFeature("Lifetimes"),
    ] + (isStrict ? [.treatAllWarnings(as: .error)] : [])

// Generated messages read `nonisolated(unsafe)` constants without the mark that strict memory safety asks for.
let generatedSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// External products, named once. Which target may use which is the table in the architecture page.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grpcCore = Target.Dependency.product(name: "GRPCCore", package: "grpc-swift-2")
let grpcNIOTransport = Target.Dependency.product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport")
let grpcProtobuf = Target.Dependency.product(name: "GRPCProtobuf", package: "grpc-swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHPACK = Target.Dependency.product(name: "NIOHPACK", package: "swift-nio-http2")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTP2 = Target.Dependency.product(name: "NIOHTTP2", package: "swift-nio-http2")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(of name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies + ["TestSupport"], resources: resources, swiftSettings: settings)
}

/// A program that libFuzzer drives; `Fuzz/README.md` tells how to add one.
func fuzzTarget(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: "Fuzz" + name, dependencies: dependencies, path: "Fuzz/" + name, exclude: ["Corpus"],
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])])
}

let package = Package(
    name: "sealwright",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "sealwright", targets: ["sealwright"]),
        .library(name: "ProtectedFiles", targets: ["ProtectedFiles"]),
        .library(name: "Attestation", targets: ["Attestation"]),
        .library(name: "RATLS", targets: ["RATLS"]),
        .library(name: "SecretProvisioning", targets: ["SecretProvisioning"]),
        .library(name: "SavedModels", targets: ["SavedModels"]),
        .library(name: "ModelClient", targets: ["ModelClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-http2", from: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
        .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
        .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        library("ByteCoding", ["CFileSystem"]),
        .target(name: "CNodeCipher", dependencies: [crypto]),
        .target(name: "CFileSystem"),
        .target(name: "CProcess"),
        library("ProtectedFiles", ["CNodeCipher", "CFileSystem", "ByteCoding", crypto, cryptoExtras]),
        library("Attestation", ["ByteCoding", crypto, cryptoExtras, asn1, x509]),
        library("SimulatedTEE", ["Attestation", "ByteCoding", crypto, asn1, x509]),
        .target(name: "CGramine"),
        library("GramineManifests", ["ByteCoding"]),
        library(
            "RATLS", ["Attestation", "ByteCoding", crypto, cryptoExtras, asn1, x509, asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS]),
        library(
            "SecretProvisioning",
            ["Attestation", "RATLS", "ByteCoding", asyncHTTPClient, crypto, logging, nioCore, nioHTTP1, nioPosix, nioSSL, nioTLS]),
        library(
            "KeyBroker",
            [
                "SecretProvisioning", "Attestation", "RATLS", "ByteCoding", asn1, crypto, cryptoExtras, grdb, grdbSQLite, hummingbird,
                hummingbirdCore,
                logging, nioCore, nioPosix, nioSSL, serviceLifecycle, unixSignals, x509, yams,
            ]),
        .target(name: "TensorFlowProtos", dependencies: [protobuf], swiftSettings: generatedSettings),
        .target(name: "CChecksum"),
        library("SavedModels", ["CChecksum", "TensorFlowProtos", "ByteCoding", protobuf]),
        .target(
            name: "ModelFetching", dependencies: ["CZlib", "ByteCoding", asyncHTTPClient, crypto, nioCore, nioHTTP1],
            resources: [.embedInCode("catalogue.json")], swiftSettings: settings),
        .target(name: "CTensorFlow"),
        .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
        .target(
            name: "TensorFlowRuntime",
            dependencies: ["CTensorFlow", "ProtectedFiles", "SavedModels", "ByteCoding"],
            swiftSettings: settings,
            // TensorFlow looks the sealed file system's entry point up in the running program, and executables export nothing by
            // themselves. Given here, it reaches the command and the test runner alike. No library product holds this target.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=TF_InitPlugin"], .when(platforms: [.linux]))]),
        library(
            "ModelServing",
            [
                "TensorFlowRuntime", "TensorFlowProtos", "SavedModels", "ProtectedFiles", "RATLS", "SecretProvisioning", "Attestation", "ByteCoding",
                "CProcess", "CZlib", grpcCore, grpcNIOTransport, grpcProtobuf, logging, nioCore, nioHPACK, nioHTTP1, nioHTTP2, nioPosix, nioSSL,
                protobuf, serviceLifecycle,
            ]),
        library(
            "ModelClient",
            ["Attestation", "RATLS", "SavedModels", "TensorFlowProtos", "ByteCoding", grpcCore, grpcNIOTransport, grpcProtobuf, protobuf]),
        .executableTarget(
            name: "sealwright",
            dependencies: [
                "ProtectedFiles", "Attestation", "SimulatedTEE", "RATLS", "SecretProvisioning", "KeyBroker", "SavedModels", "TensorFlowRuntime",
                "ModelServing", "ModelClient", "ModelFetching", "GramineManifests", "ByteCoding", "CGramine", "CProcess", argumentParser, crypto,
                hummingbird, logging, nioCore, nioPosix, serviceLifecycle, subprocess, systemPackage, unixSignals, x509,
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "protected-files-benchmark", dependencies: ["ProtectedFiles", crypto], path: "Benchmarks/ProtectedFiles", swiftSettings: settings),
        .executableTarget(
            name: "serving-benchmark", dependencies: ["ModelServing", nioCore, nioHPACK, nioHTTP2, nioPosix, nioSSL], path: "Benchmarks/Serving",
            exclude: ["bare_model.c"], swiftSettings: settings),
        .executableTarget(
            name: "key-broker-benchmark",
            dependencies: [
                "KeyBroker", "SecretProvisioning", "RATLS", "Attestation", "SimulatedTEE", asn1, crypto, logging, nioCore, nioPosix, nioSSL, x509,
            ], path: "Benchmarks/KeyBroker", swiftSettings: settings),
        .executableTarget(
            name: "attestation-benchmark", dependencies: ["Attestation", crypto], path: "Benchmarks/Attestation", swiftSettings: settings),
        .target(name: "TestSupport", dependencies: [subprocess, systemPackage], path: "Tests/TestSupport", swiftSettings: settings),
        tests(of: "ByteCoding", ["ByteCoding"]),
        tests(of: "ProtectedFiles", ["ProtectedFiles", "ByteCoding", crypto]),
        tests(of: "Attestation", ["Attestation", "SimulatedTEE", "ByteCoding", crypto, asn1, x509]),
        tests(of: "SimulatedTEE", ["SimulatedTEE", "Attestation", "ByteCoding", crypto, asn1, x509]),
        tests(of: "GramineManifests", ["GramineManifests", "ByteCoding"]),
        tests(
            of: "RATLS",
            ["RATLS", "Attestation", "SimulatedTEE", "ByteCoding", crypto, x509, asn1, nioCore, nioEmbedded, nioHTTP1, nioPosix, nioSSL]),
        tests(
            of: "SecretProvisioning", ["SecretProvisioning", "RATLS", "Attestation", "SimulatedTEE", "ByteCoding", crypto, nioCore, nioPosix, nioSSL]),
        tests(
            of: "KeyBroker",
            [
                "KeyBroker", "SecretProvisioning", "RATLS", "Attestation", "SimulatedTEE", "ByteCoding", asn1, asyncHTTPClient, crypto, grdb, logging,
                nioCore, nioHTTP1, nioPosix, nioSSL, x509,
            ]),
        tests(of: "SavedModels", ["SavedModels", "TensorFlowProtos", "TensorFlowRuntime", "ByteCoding", protobuf]),
        tests(of: "ModelFetching", ["ModelFetching", "ByteCoding", crypto, nioCore, nioHTTP1, nioPosix]),
        tests(of: "TensorFlowRuntime", ["TensorFlowRuntime", "SavedModels", "ProtectedFiles", "ByteCoding"]),
        tests(
            of: "ModelServing",
            [
                "ModelServing", "ModelClient", "TensorFlowRuntime", "TensorFlowProtos", "SavedModels", "ProtectedFiles", "RATLS", "ByteCoding",
                grpcCore, grpcNIOTransport, grpcProtobuf, logging, nioCore, nioEmbedded, nioHPACK, nioHTTP1, nioHTTP2, nioPosix, nioSSL, protobuf,
                serviceLifecycle,
            ]),
        tests(
            of: "CommandLine",
            [
                "sealwright", "Attestation", "ByteCoding", "KeyBroker", "ModelServing", "RATLS", "SecretProvisioning", "SimulatedTEE",
                "TensorFlowRuntime", argumentParser, asn1, nioCore, nioPosix, subprocess, systemPackage, x509,
            ]),
    ]
)

// libFuzzer brings the main function of these programs, so they exist only for `make fuzz`, which sets this.
if Context.environment["SEALWRIGHT_FUZZ"] != nil {
    package.targets += [
        fuzzTarget("GramineManifest", ["GramineManifests"]),
        fuzzTarget("ModelFiles", ["ModelServing"]),
        fuzzTarget("Certificate", ["Attestation", asn1]),
        fuzzTarget("CertificateRevocationList", ["Attestation", "SimulatedTEE"]),
        fuzzTarget("Quote", ["Attestation", "ByteCoding"]),
        fuzzTarget("TCBInfo", ["Attestation", "SimulatedTEE"]),
        fuzzTarget("GraphDef", ["SavedModels"]),
        fuzzTarget("ModelManifest", ["ProtectedFiles"]),
        fuzzTarget("ProtectedFiles", ["ProtectedFiles", "ByteCoding"]),
        fuzzTarget("ProvisioningMessages", ["SecretProvisioning", "ByteCoding"]),
        fuzzTarget("ReleasedSecrets", ["SecretProvisioning", "ByteCoding"]),
        fuzzTarget("ServingRequests", ["ModelServing"]),
        fuzzTarget("RATLSCertificate", ["Attestation"]),
        fuzzTarget("TextFormat", ["ModelServing"]),
        fuzzTarget("TaggedEvidence", ["Attestation"]),
        fuzzTarget("Sigstruct", ["Attestation"]),
    ]
}

// A build for a sanitizer is not of everything: `tools/sanitize` names the suites.
if let suites = Context.environment["SEALWRIGHT_SUITES"]?.split(separator: " ") {
    package.targets.removeAll { target in target.type == .test && !suites.contains { $0 + "Tests" == target.name } }
}
