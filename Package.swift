// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "swift-memcached",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Memcached", targets: ["Memcached"]),
        .library(name: "MemcachedSessions", targets: ["MemcachedSessions"]),
        .library(name: "MemcachedTestSupport", targets: ["MemcachedTestSupport"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        // Ground floor: the standard library only.
        .target(name: "MemcachedWire", swiftSettings: settings),
        .target(name: "MemcachedHashing", swiftSettings: settings),

        .target(
            name: "Memcached",
            dependencies: [
                "MemcachedWire",
                "MemcachedHashing",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(name: "MemcachedSessions", dependencies: ["Memcached"], swiftSettings: settings),
        .target(name: "MemcachedTestSupport", dependencies: ["Memcached"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
