// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioConcurrencyHelpers: Target.Dependency = .product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(
    name: "Configuration",
    package: "swift-configuration",
    condition: .when(traits: ["ConfigurationSupport"])
)
let hummingbird: Target.Dependency = .product(
    name: "Hummingbird",
    package: "hummingbird",
    condition: .when(traits: ["HummingbirdSupport"])
)
let httpTypes: Target.Dependency = .product(
    name: "HTTPTypes",
    package: "swift-http-types",
    condition: .when(traits: ["HummingbirdSupport"])
)
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let tracing: Target.Dependency = .product(name: "Tracing", package: "swift-distributed-tracing")
let serviceLifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
    name: "swift-memcached",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Memcached", targets: ["Memcached", "MemcachedHashing"]),
        .library(name: "MemcachedSessions", targets: ["MemcachedSessions"]),
        // PHP's session formats by themselves: the standard library only.
        .library(name: "PHPSessionCodec", targets: ["PHPSessionCodec"]),
        // FastLZ and the rest come with `Memcached`; this one needs the system's zlib, and only those who use it.
        .library(name: "MemcachedZlib", targets: ["MemcachedZlib"]),
        .library(name: "MemcachedTestSupport", targets: ["MemcachedTestSupport"]),
        // Empty without the trait HummingbirdSupport.
        .library(name: "HummingbirdMemcached", targets: ["HummingbirdMemcached"]),
    ],
    traits: [
        .trait(
            name: "ConfigurationSupport",
            description: "MemcachedConfiguration(reading:), which reads a configuration with swift-configuration."
        ),
        .trait(
            name: "HummingbirdSupport",
            description: "The product HummingbirdMemcached: session middleware and PersistDriver for Hummingbird."
        ),
    ],
    dependencies: [
        // Only `memc` needs it, which belongs to no product, so users of the products never resolve it.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // Resolved under the trait ConfigurationSupport alone.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.0.0", traits: []),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.1.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        // Resolved under the trait HummingbirdSupport alone.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.20.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
    ],
    targets: [
        // Ground floor: the standard library only.
        .target(name: "MemcachedWire", swiftSettings: settings),
        .target(name: "MemcachedHashing", swiftSettings: settings),
        .target(name: "PHPSessionCodec", swiftSettings: settings),

        .target(
            name: "Memcached",
            dependencies: [
                "MemcachedWire",
                "MemcachedHashing",
                .product(name: "DequeModule", package: "swift-collections"),
                configuration,
                crypto,
                logging,
                metrics,
                nioConcurrencyHelpers,
                nioCore,
                nioPosix,
                nioSSL,
                nioTLS,
                serviceLifecycle,
                tracing,
            ],
            swiftSettings: settings
        ),
        .systemLibrary(
            name: "CMemcachedZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]
        ),
        .target(
            name: "MemcachedZlib",
            dependencies: ["Memcached", "CMemcachedZlib", nioCore],
            swiftSettings: settings
        ),
        .target(
            name: "MemcachedSessions",
            dependencies: ["Memcached", crypto, "MemcachedHashing", "PHPSessionCodec", logging, metrics, nioCore],
            swiftSettings: settings
        ),
        // Compiled under the trait HummingbirdSupport alone.
        .target(
            name: "HummingbirdMemcached",
            dependencies: ["Memcached", "MemcachedSessions", httpTypes, hummingbird, nioCore],
            swiftSettings: settings
        ),
        .target(
            name: "MemcachedTestSupport",
            dependencies: ["Memcached", nioConcurrencyHelpers, nioCore, nioPosix],
            swiftSettings: settings
        ),

        // The command-line tool, without a declared product: `swift run memc`.
        .executableTarget(
            name: "memc",
            dependencies: ["Memcached", "MemcachedHashing", "PHPSessionCodec", argumentParser, nioCore],
            swiftSettings: settings
        ),

        // What Scripts/soak runs for hours and a test for a minute.
        .target(
            name: "MemcachedSoak",
            dependencies: ["Memcached", "MemcachedTestSupport", nioCore],
            swiftSettings: settings
        ),
        .executableTarget(name: "memcached-soak", dependencies: ["MemcachedSoak"], swiftSettings: settings),

        // What Scripts/fuzz runs; the executable is one file around libFuzzer's main.
        .target(
            name: "FuzzChecks",
            dependencies: ["Memcached", "MemcachedWire", "PHPSessionCodec", nioCore],
            swiftSettings: settings
        ),
        .executableTarget(name: "memcached-fuzz", dependencies: ["FuzzChecks"], swiftSettings: settings),

        // What tests look at metrics and spans with.
        .target(
            name: "MemcachedTestObservers",
            dependencies: [metrics, tracing],
            path: "Tests/MemcachedTestObservers",
            swiftSettings: settings
        ),

        // What tests count heap allocations with.
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),

        // A process beside PHP's, for the tests of sessions.
        .executableTarget(
            name: "SessionWorker",
            dependencies: ["Memcached", "MemcachedSessions"],
            path: "Tests/SessionWorker",
            swiftSettings: settings
        ),

        // Units: no server, no socket.
        .testTarget(name: "MemcachedWireTests", dependencies: ["MemcachedWire"], swiftSettings: settings),
        .testTarget(
            name: "MemcachedHashingTests",
            dependencies: ["MemcachedHashing", "CAllocationCount"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedTests",
            dependencies: [
                "Memcached", "MemcachedWire", "MemcachedHashing", "CAllocationCount", configuration, crypto, logging,
                nioConcurrencyHelpers, nioCore, nioPosix,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedTLSTests",
            dependencies: ["Memcached", nioCore, .product(name: "NIOEmbedded", package: "swift-nio"), nioSSL],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedSessionsTests",
            dependencies: [
                "MemcachedSessions", "Memcached", "MemcachedHashing", "MemcachedTestObservers", "PHPSessionCodec",
                logging, nioCore,
            ],
            swiftSettings: settings
        ),

        .testTarget(
            name: "PHPSessionCodecTests",
            dependencies: ["PHPSessionCodec"],
            exclude: ["Live/random.php", "Live/session.php"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedTranscodingTests",
            dependencies: ["Memcached", "MemcachedZlib", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedZlibTests",
            dependencies: ["Memcached", "MemcachedZlib", nioCore],
            swiftSettings: settings
        ),
        .testTarget(name: "MemcachedFuzzTests", dependencies: ["FuzzChecks"], swiftSettings: settings),

        // Real memcached processes, started by the test support on free ports, and where it says so a real PHP.
        .testTarget(
            name: "MemcachedTestSupportTests",
            dependencies: ["MemcachedTestSupport", "Memcached", nioCore, nioPosix],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedIntegrationTests",
            dependencies: [
                "Memcached", "MemcachedTestObservers", "MemcachedTestSupport", logging, nioConcurrencyHelpers, nioCore,
                nioPosix, serviceLifecycle, tracing,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcTests",
            dependencies: ["memc", "Memcached", "MemcachedTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedPlacementIntegrationTests",
            dependencies: ["Memcached", "MemcachedHashing", "MemcachedTestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedTLSIntegrationTests",
            dependencies: [
                "Memcached", "MemcachedTestSupport", logging, nioConcurrencyHelpers, nioCore, nioPosix, nioSSL,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedSessionsIntegrationTests",
            dependencies: [
                "MemcachedSessions", "Memcached", "MemcachedHashing", "MemcachedTestSupport", "PHPSessionCodec",
                "SessionWorker", logging,
                nioCore,
            ],
            exclude: ["SESSION_CASES.md"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HummingbirdMemcachedTests",
            dependencies: ["HummingbirdMemcached", "Memcached", "MemcachedSessions", httpTypes, hummingbird, nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "HummingbirdMemcachedIntegrationTests",
            dependencies: [
                "HummingbirdMemcached", "Memcached", "MemcachedSessions", "MemcachedTestObservers",
                "MemcachedTestSupport", httpTypes, hummingbird,
                .product(
                    name: "HummingbirdTesting",
                    package: "hummingbird",
                    condition: .when(traits: ["HummingbirdSupport"])
                ),
                logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedTranscodingIntegrationTests",
            dependencies: ["Memcached", "MemcachedZlib", "MemcachedTestSupport", nioCore],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedPeerCasesTests",
            dependencies: ["Memcached", "MemcachedHashing", "MemcachedTestSupport", "MemcachedWire", nioCore],
            exclude: ["PEER_CASES.md"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "MemcachedSoakTests",
            dependencies: ["Memcached", "MemcachedSoak", "MemcachedTestSupport", nioCore],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
