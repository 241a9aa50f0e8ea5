import Memcached
import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An id that was replaced can be read for a while: its item stays, with a short expiration, and its flags say until when
/// in seconds since 1970. Sessions have the flags 0 otherwise, as PHP's have.
///
/// The server counts whole seconds, and a TOUCH of a reader who had looked before would prolong the item; so those who
/// read look at the time themselves.
extension SessionCore {
    /// What becomes of a session under the id that it does not have any more.
    func ending(
        of old: SessionID,
        _ bytes: ByteBuffer,
        _ cas: MemcachedCAS?,
        _ renaming: SessionRenaming
    ) throws(MemcachedSessionError) -> SessionWrite.Kind {
        switch renaming {
        case .now:
            return .delete(cas)
        case .leavingOld(let grace):
            let end = time.date().timeIntervalSince1970 + grace / .seconds(1)
            let flags = UInt32(exactly: end.rounded(.up)) ?? .max
            return .retire(try seal(bytes, old), cas, flags: max(Self.earliest, flags), grace)
        }
    }

    /// Whether an item is a session under an id that it does not have any more.
    func isRetired(_ item: MemcachedItem) -> Bool {
        item.flags >= Self.earliest && !configuration.isSharedWithPHP
    }

    /// The year 2020: flags below, which others may have set, are no time.
    private static let earliest: UInt32 = 1_577_836_800

    /// What was read, without a session whose time under an old id has passed.
    func present(_ read: SessionRead) -> SessionRead {
        guard let item = read.item, isRetired(item), time.date().timeIntervalSince1970 >= Double(item.flags) else {
            return read
        }
        var read = read
        read.item = nil
        read.isRevoked = true
        return read
    }
}
