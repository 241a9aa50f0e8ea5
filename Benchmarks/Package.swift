// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-memcached", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    ],
    targets: [
        .executableTarget(
            name: "memcached-bench",
            dependencies: [
                .product(name: "Memcached", package: "swift-memcached"),
                .product(name: "MemcachedSessions", package: "swift-memcached"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        )
    ],
    swiftLanguageModes: [.v6]
)
