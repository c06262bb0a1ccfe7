// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func module(_ name: String, uses: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: house)
}

func tests(_ name: String, of subjects: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: subjects + ["TestSupport"], exclude: exclude,
        swiftSettings: house)
}

let argumentParser: Target.Dependency =
    .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: Target.Dependency =
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency =
    .product(name: "UnixSignals", package: "swift-service-lifecycle")
let asyncHTTPClient: Target.Dependency =
    .product(name: "AsyncHTTPClient", package: "async-http-client")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let heap: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

let package = Package(
    name: "kong-rollouts",
    products: [
        .executable(name: "kong-rollouts", targets: ["kong-rollouts"]),
        .library(name: "KongAdmin", targets: ["KongAdmin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Decide. No I/O, no clock, no Foundation.
        module("Rollouts"),
        module("JSONText"),
        module("RolloutJSON", uses: ["Rollouts", "JSONText"]),
        module("Judgement", uses: ["Rollouts"]),
        // Speak. Each knows one technology.
        module("HTTPMessage", uses: [httpTypes]),
        .systemLibrary(
            name: "CMicroHTTPD", pkgConfig: "libmicrohttpd",
            providers: [.apt(["libmicrohttpd-dev"])]),
        module("HTTPServer", uses: ["CMicroHTTPD", "HTTPMessage", httpTypes]),
        module("KongAdmin", uses: [asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL]),
        .systemLibrary(name: "CMalloc"),
        module("Ledger", uses: ["CMalloc", "Rollouts", "JSONText"]),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        module("TrafficIntake", uses: ["Rollouts", "Judgement", "CSimdjson"]),
        module("Prometheus", uses: ["JSONText", asyncHTTPClient, nioCore, nioHTTP1]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        module(
            "API",
            uses: [
                "Rollouts", "Judgement", "RolloutJSON", "JSONText", "HTTPMessage", httpTypes,
                crypto,
            ]),
        module("Observability", uses: ["Rollouts", logging, coreMetrics]),
        module(
            "Sandbox",
            uses: [
                "HTTPServer", "HTTPMessage", "JSONText", asyncHTTPClient, httpTypes, nioCore,
                nioHTTP1, yams,
            ]),
        // Join.
        module("Engine", uses: ["Rollouts", "RolloutJSON", deque, heap]),
        module("Gateway", uses: ["Rollouts", "KongAdmin", "JSONText", deque, heap]),
        .executableTarget(
            name: "kong-rollouts",
            dependencies: [
                "API", "CZlib", "Engine", "Gateway", "HTTPMessage", "HTTPServer", "JSONText",
                "Judgement", "KongAdmin", "Ledger", "Observability", "Prometheus", "RolloutJSON",
                "Rollouts", "Sandbox", "TrafficIntake",
                argumentParser, asyncHTTPClient, httpTypes, lifecycle, logging, nioCore, nioHTTP1,
                unixSignals,
            ],
            swiftSettings: house),

        // How often a healthy canary is blamed, and how soon a bad one is found.
        .executableTarget(
            name: "judgement-study", dependencies: ["Judgement", "Rollouts"],
            path: "Benchmarks/judgement-study", exclude: ["README.md"], swiftSettings: house),

        // What every input must keep, however broken; `fuzz` runs it for as long as one likes.
        .target(
            name: "FuzzLaws",
            dependencies: [
                "HTTPMessage", "HTTPServer", "JSONText", "KongAdmin", "Ledger", "RolloutJSON",
                "Rollouts", "TrafficIntake", httpTypes,
            ],
            path: "Tests/Fuzzing/Laws", swiftSettings: house),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzLaws"], path: "Tests/Fuzzing/Driver",
            swiftSettings: house),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzLaws"], path: "Tests/Fuzzing/Tests",
            swiftSettings: house),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: house),
        tests("RolloutsTests", of: ["Rollouts"]),
        tests("JSONTextTests", of: ["JSONText"]),
        tests("LedgerTests", of: ["Ledger", "Rollouts", "JSONText"]),
        tests("LedgerContract", of: ["Ledger", "Rollouts"]),
        tests("HTTPMessageTests", of: ["HTTPMessage", httpTypes]),
        tests("HTTPServerTests", of: ["HTTPServer", "HTTPMessage", httpTypes]),
        tests("KongAdminTests", of: ["KongAdmin"]),
        tests("RolloutJSONTests", of: ["RolloutJSON", "Rollouts", "JSONText"]),
        tests(
            "APITests",
            of: [
                "API", "Judgement", "RolloutJSON", "Rollouts", "JSONText", "HTTPMessage", httpTypes,
            ]),
        tests("ObservabilityTests", of: ["Observability", "Rollouts", coreMetrics, logging]),
        tests("PrometheusTests", of: ["Prometheus"]),
        tests("JudgementTests", of: ["Judgement", "Rollouts"], exclude: ["Fixtures"]),
        tests(
            "TrafficIntakeTests", of: ["TrafficIntake", "Judgement", "Rollouts"],
            exclude: ["Recordings"]),
        tests("EngineTests", of: ["Engine", "Ledger", "Rollouts"]),
        tests("GatewayTests", of: ["Gateway", "KongAdmin", "Rollouts"]),
        tests("SandboxTests", of: ["Sandbox", "JSONText", asyncHTTPClient, nioCore, nioHTTP1]),
        tests(
            "KongContract", of: ["Sandbox", "JSONText", asyncHTTPClient, nioCore, nioHTTP1, yams],
            exclude: ["Recordings"]),
        tests("ProgramTests", of: ["kong-rollouts", "Rollouts", "HTTPServer", "JSONText", logging]),
        tests("Tidy", of: []),
        // Seeded worlds in which everything fails; one thread runs at a time.
        .target(name: "CScheduling", path: "Tests/Simulation/Scheduling"),
        .target(
            name: "SimulatedWorld",
            dependencies: [
                "CScheduling", "Rollouts", "RolloutJSON", "Ledger", "Engine", "Gateway",
            ],
            path: "Tests/Simulation/World", swiftSettings: house),
        .executableTarget(
            name: "simulate", dependencies: ["SimulatedWorld"], path: "Tests/Simulation/Program",
            swiftSettings: house),
        .testTarget(
            name: "SimulationTests", dependencies: ["SimulatedWorld", "simulate", "TestSupport"],
            path: "Tests/Simulation/Tests", swiftSettings: house),
    ]
)
