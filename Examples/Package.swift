// swift-tools-version: 6.2
import PackageDescription

let applicationSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]
// Hummingbird's middleware is declared without this one; conforming to it with it on takes `@concurrent` everywhere.
let settings = applicationSettings + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
    name: "examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-memcached", path: "..", traits: ["HummingbirdSupport"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // The web application: what a user of the library would write.
        .executableTarget(
            name: "SessionCounter",
            dependencies: [
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdMemcached", package: "swift-memcached"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Memcached", package: "swift-memcached"),
                .product(name: "MemcachedSessions", package: "swift-memcached"),
            ],
            path: "SessionCounter/Sources/SessionCounter",
            swiftSettings: applicationSettings
        ),

        // The same page in PHP and in Swift, on the same sessions.
        .executableTarget(
            name: "PHPMigration",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdMemcached", package: "swift-memcached"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Memcached", package: "swift-memcached"),
                .product(name: "MemcachedSessions", package: "swift-memcached"),
            ],
            path: "PHPMigration/Sources/PHPMigration",
            swiftSettings: applicationSettings
        ),

        // What Scripts/demo runs: a memcached, five of these, a front before them, and somebody who reloads.
        .executableTarget(
            name: "demo",
            dependencies: [
                "HTTPExchange",
                "RoundRobinFront",
                .product(name: "Memcached", package: "swift-memcached"),
                .product(name: "MemcachedSessions", package: "swift-memcached"),
                .product(name: "MemcachedTestSupport", package: "swift-memcached"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Demo/Sources/demo",
            swiftSettings: settings
        ),
        .target(
            name: "HTTPExchange",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Demo/Sources/HTTPExchange",
            swiftSettings: settings
        ),
        .target(
            name: "RoundRobinFront",
            dependencies: [
                "HTTPExchange",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Demo/Sources/RoundRobinFront",
            swiftSettings: settings
        ),

        .testTarget(
            name: "SessionCounterTests",
            dependencies: [
                "SessionCounter",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "SessionCounter/Tests/SessionCounterTests",
            swiftSettings: applicationSettings
        ),
        .testTarget(
            name: "DemoTests",
            dependencies: [
                "HTTPExchange",
                "RoundRobinFront",
                "demo",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Demo/Tests/DemoTests",
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
