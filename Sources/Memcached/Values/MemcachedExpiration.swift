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
        case after(Duration, jitter: Double)
        case at(Date)
    }

    private let kind: Kind

    /// The item stays until it is deleted, flushed, or evicted for want of memory.
    public static let never = MemcachedExpiration(kind: .never)

    /// The item goes this long after the server stored it.
    ///
    /// Zero or less: it is stored and gone at once.
    ///
    /// - Parameters:
    ///   - duration: How long.
    ///   - jitter: The part of it, 0…1, that may be taken off at random, so that items stored together do not go
    ///     together. It never makes an item go at once.
    /// - Returns: The expiration; each store draws anew.
    public static func after(_ duration: Duration, jitter: Double = 0) -> MemcachedExpiration {
        MemcachedExpiration(kind: .after(duration, jitter: min(1, max(0, jitter.isNaN ? 0 : jitter))))
    }

    /// The item goes at an instant, by the server's clock.
    ///
    /// In the past: it is stored and gone at once.
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
    /// - Parameters:
    ///   - now: Seconds since 1970, for times beyond 30 days.
    ///   - random: 0…1, for jitter.
    /// - Returns: 0 for never, seconds up to 30 days, else a Unix time, at most the year 2106.
    package func wireValue(
        now: () -> Int64 = Self.currentSeconds,
        random: () -> Double = { .random(in: 0...1) }
    ) -> UInt32 {
        switch kind {
        case .never:
            return 0
        case .after(let duration, let jitter):
            var seconds = Self.roundedUp(duration)
            guard seconds > 0 else { return Self.alreadyPast }
            if jitter > 0 {
                // A Double holds every number of seconds that the wire can say.
                seconds = min(seconds, Self.latest)
                seconds = max(1, seconds - Int64(Double(seconds) * jitter * min(1, max(0, random()))))
            }
            guard seconds > Self.longestRelative else { return UInt32(truncatingIfNeeded: seconds) }
            let (instant, overflow) = max(0, now()).addingReportingOverflow(seconds)
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

    /// Whole seconds, from 0 to the latest that the wire can say.
    ///
    /// A duration's components are asked for only where they fit.
    private static func roundedUp(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = min(max(duration, .zero), .seconds(latest)).components
        return attoseconds > 0 ? seconds + 1 : seconds
    }
}
