import NIOCore

/// Which settings of two configurations differ.
///
/// By name only: values may be secrets.
enum ConfigurationDifference {
    /// What two configurations of one named pool have to agree on.
    ///
    /// Not among them: `logger`, which everybody may have of their own, `poolName`, and `connectLimiter`, which all of the
    /// process share.
    static let settings: [(name: String, value: @Sendable (MemcachedConfiguration) -> Any)] = [
        ("servers", { $0.servers }),
        ("selection", { $0.selection }),
        ("placement", { $0.placement }),
        ("failures", { $0.failures }),
        ("discovery", { $0.discovery as Any }),
        ("resolver", { $0.resolver }),
        ("tls", { $0.tls as Any }),
        ("credentials", { $0.credentials as Any }),
        ("credentialsProvider", { $0.credentialsProvider as Any }),
        ("authentication", { $0.authentication }),
        ("namespace", { $0.namespace }),
        ("transcoder", { $0.transcoder }),
        ("keys", { $0.keys }),
        ("timeouts", { $0.timeouts }),
        ("tries", { $0.tries as Any }),
        ("limits", { $0.limits }),
        ("pool", { $0.pool }),
        ("health", { $0.health }),
        ("backoff", { $0.backoff }),
        ("keepAlive", { $0.keepAlive }),
        ("eventLoopGroup", { $0.eventLoopGroup as Any }),
        ("observability", { $0.observability }),
    ]

    /// What takes no part.
    static let exceptions: Set<String> = ["logger", "poolName", "connectLimiter"]

    /// The settings that differ, such as `servers` and `timeouts.connect`.
    static func fields(of first: MemcachedConfiguration, and second: MemcachedConfiguration) -> [String] {
        settings.flatMap { setting -> [String] in
            let (left, right) = (setting.value(first), setting.value(second))
            guard !isSame(left, right) else { return [] }
            return parts(left, right).map { "\(setting.name).\($0)" }.ifEmpty([setting.name])
        }
    }

    /// The properties of two structs that differ, if they are structs that show all of them.
    private static func parts(_ left: Any, _ right: Any) -> [String] {
        guard !(left is any CustomReflectable), type(of: left) == type(of: right) else { return [] }
        let (first, second) = (Mirror(reflecting: left), Mirror(reflecting: right))
        guard first.displayStyle == .struct else { return [] }
        return zip(first.children, second.children)
            .compactMap { left, right in
                guard let label = left.label, !isSame(left.value, right.value) else { return nil }
                return label.hasPrefix("_") ? nil : label
            }
    }

    /// Whether two values are the same as far as can be told.
    ///
    /// By `==` where they have one; event loops by identity; other values part by part. Other objects, such as the JSON
    /// encoder of a transcoder, and functions cannot be compared: they are the same when their types are.
    ///
    /// - Parameters:
    ///   - left: A value.
    ///   - right: Another.
    ///   - depth: How deep to look.
    /// - Returns: False when a difference was found.
    static func isSame(_ left: Any, _ right: Any, depth: Int = 16) -> Bool {
        guard type(of: left) == type(of: right) else { return false }
        if let left = left as? any Equatable { return left.isEqual(right) }
        if let left = left as? any EventLoopGroup, let right = right as? any EventLoopGroup { return left === right }
        let (first, second) = (Mirror(reflecting: left), Mirror(reflecting: right))
        if first.displayStyle == .class { return true }
        guard depth > 0, first.children.count == second.children.count else { return false }
        return zip(first.children, second.children).allSatisfy { isSame($0.value, $1.value, depth: depth - 1) }
    }
}

extension Equatable {
    fileprivate func isEqual(_ other: Any) -> Bool { (other as? Self).map { $0 == self } ?? false }
}

extension [String] {
    fileprivate func ifEmpty(_ other: [String]) -> [String] { isEmpty ? other : self }
}
