import MemcachedWire

/// A batch cut into what goes to each server, and each server's share into windows.
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
    }

    /// The entries of each server, by its index.
    private(set) var shares: [[Entry]]

    init(serverCount: Int) {
        self.shares = Array(repeating: [], count: serverCount)
    }

    /// Adds an entry for a server, whose index is one of ``shares``.
    mutating func append(_ entry: Entry, to server: Int) {
        shares[server].append(entry)
    }

    /// The servers that have something to do.
    var busyServers: [Int] { shares.indices.filter { !shares[$0].isEmpty } }

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
