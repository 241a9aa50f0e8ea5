import MemcachedWire

/// The requests of a batch, with what decides about their servers, and how much of it goes out at once.
///
/// A window is bounded in requests and in bytes, and the next one goes out when the last has been answered: so neither
/// side holds more than a window, nothing deadlocks however large the batch, and others' requests go in between.
struct BatchPlan: Sendable {
    /// Requests in one window.
    static let windowRequests = 128
    /// Bytes in one window; one request that is larger is a window of its own.
    static let windowBytes = 262_144

    /// One request of a batch, with the key it is about.
    struct Entry: Sendable {
        var key: MemcachedKey
        var request: Request
        /// Its index in the plan.
        var position = 0
    }

    /// The key that decides about the server for all of them; nil for each key itself.
    var group: MemcachedKey?
    var entries: [Entry] = []

    /// Cuts a share into windows.
    static func windows(of share: [Entry]) -> [ArraySlice<Entry>] {
        var windows: [ArraySlice<Entry>] = []
        var start = share.startIndex
        while start < share.endIndex {
            let end = endOfWindow(from: start, in: share)
            windows.append(share[start..<end])
            start = end
        }
        return windows
    }

    /// Where the window that begins at `start`, an index of `share`, ends.
    static func endOfWindow(from start: Int, in share: [Entry]) -> Int {
        var end = start
        var byteCount = 0
        while end < share.endIndex, end - start < windowRequests {
            byteCount += share[end].request.byteCount
            if byteCount > windowBytes, end > start { break }
            end += 1
        }
        return end
    }
}
