# shellcheck shell=bash
# What a package that uses the product Memcached has to resolve. Sourced by a script that sets `root`.
# shellcheck disable=SC2154 # root is that script's

# What Memcached needs, and what that needs. One more is a reason in CHANGELOG.md, under Dependencies.
memcached_dependencies='swift-asn1 swift-async-algorithms swift-atomics swift-collections swift-crypto
swift-distributed-tracing swift-log swift-metrics swift-nio swift-nio-ssl swift-service-context
swift-service-lifecycle swift-system'

# A tiny package that uses Memcached alone resolves what Memcached needs: nothing of the command-line tool
# (swift-argument-parser), nothing of a trait that is off (swift-configuration, hummingbird). That the check would see
# it is shown with a trait that is on.
check_small_resolution() {
    local folder resolved name
    folder=$(mktemp -d)
    # shellcheck disable=SC2064 # now, with this value
    trap "rm -rf '$folder'" EXIT

    resolved=$(resolve_small_package "$folder/small" '')
    echo "Memcached alone resolves: $(tr '\n' ' ' <<< "$resolved")"
    for name in $resolved; do
        if ! grep -qw -- "$name" <<< "$memcached_dependencies"; then
            echo "error: a package that uses Memcached alone has to resolve $name"
            return 1
        fi
    done
    if ! grep -qx swift-nio <<< "$resolved"; then
        echo 'error: swift-nio was not resolved, so this check does not see what is'
        return 1
    fi

    resolved=$(resolve_small_package "$folder/configured" '"ConfigurationSupport"')
    if ! grep -qx swift-configuration <<< "$resolved"; then
        echo 'error: with the trait ConfigurationSupport swift-configuration was not resolved'
        return 1
    fi
    echo 'With the trait ConfigurationSupport swift-configuration is there too.'
}

# resolve_small_package FOLDER TRAITS: makes such a package and prints the identities of what it resolves.
resolve_small_package() {
    mkdir -p "$1/Sources/Small"
    echo 'import Memcached' > "$1/Sources/Small/Small.swift"
    cat > "$1/Package.swift" << MANIFEST
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "small",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "swift-memcached", path: "$root", traits: [$2])],
    targets: [.target(name: "Small", dependencies: [.product(name: "Memcached", package: "swift-memcached")])]
)
MANIFEST
    swift package --package-path "$1" resolve >&2
    sed -n 's/^ *"identity" : "\(.*\)",$/\1/p' "$1/Package.resolved" | sort
}
