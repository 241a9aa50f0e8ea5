// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// What the micro-benchmarks measure is no API, so they are compiled as a part of the package that they measure. SwiftPM
// names a package on disk by its folder.
let measuredPackage = Context.packageDirectory.split(separator: "/").dropLast().last.map { $0.lowercased() } ?? ""

let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "swift-memcached", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
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
        ),

        // `Scripts/bench --micro`. Its main is written here: the build plugin that would write it has to be built for the
        // driver as well.
        .executableTarget(
            name: "Micro",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "Memcached", package: "swift-memcached"),
                .product(name: "MemcachedSessions", package: "swift-memcached"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "PHPSessionCodec", package: "swift-memcached"),
            ],
            path: "Benchmarks/Micro",
            packageAccess: false,
            swiftSettings: settings + [.unsafeFlags(["-package-name", measuredPackage])]
        ),
    ],
    swiftLanguageModes: [.v6]
)
