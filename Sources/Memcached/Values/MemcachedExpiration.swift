#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// When an item goes.
///
/// The wire has one 32-bit word for it, with traps that this type takes care of: 0 means never, up to 30 days it is
/// relative, above it is an absolute Unix time, and it ends in the year 2106. The server counts whole seconds, so a
/// part of a second is rounded up, and an item may go up to a second early.
public struct MemcachedExpiration: Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        case never
        case after(Duration)
        case at(Date)
    }

    private let kind: Kind

    /// The item stays until it is deleted, flushed, or evicted for want of memory.
    public static let never = MemcachedExpiration(kind: .never)

    /// The item goes this long after the server stored it. Zero or less: it is stored and gone at once.
    public static func after(_ duration: Duration) -> MemcachedExpiration {
        MemcachedExpiration(kind: .after(duration))
    }

    /// The item goes at an instant, by the server's clock. In the past: it is stored and gone at once.
    public static func at(_ date: Date) -> MemcachedExpiration {
        MemcachedExpiration(kind: .at(date))
    }
}

extension MemcachedExpiration {
    /// The longest time in seconds that the wire takes as relative: 30 days.
    package static let longestRelative: Int64 = 2_592_000
    /// An absolute time (31 January 1970) that is always past: stored and gone at once.
    private static let alreadyPast: UInt32 = 2_592_001
    /// The last instant the wire can say, less one: INCREMENT reads `0xFFFF_FFFF` as "fail if absent".
    private static let latest: Int64 = 0xFFFF_FFFE

    /// The word on the wire.
    ///
    /// - Parameter now: Seconds since 1970, for times beyond 30 days.
    /// - Returns: 0 for never, seconds up to 30 days, else a Unix time, at most the year 2106.
    package func wireValue(now: () -> Int64 = Self.currentSeconds) -> UInt32 {
        switch kind {
        case .never:
            return 0
        case .after(let duration):
            let seconds = Self.roundedUp(duration)
            guard seconds > 0 else { return Self.alreadyPast }
            guard seconds > Self.longestRelative else { return UInt32(truncatingIfNeeded: seconds) }
            let (instant, overflow) = now().addingReportingOverflow(seconds)
            return UInt32(truncatingIfNeeded: overflow ? Self.latest : min(instant, Self.latest))
        case .at(let date):
            let seconds = date.timeIntervalSince1970.rounded(.up)
            guard seconds > Double(Self.longestRelative) else { return Self.alreadyPast }
            guard seconds < Double(Self.latest) else { return UInt32(truncatingIfNeeded: Self.latest) }
            return UInt32(seconds)
        }
    }

    package static func currentSeconds() -> Int64 {
        Int64(Date().timeIntervalSince1970)
    }

    private static func roundedUp(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        guard attoseconds > 0, seconds < Int64.max else { return seconds }
        return seconds + 1
    }
}
