import NIOCore

/// Decides what a lookup's result means, and when the next one is due.
///
/// No I/O, no clock. One lookup at a time.
struct DiscoveryStateMachine {
    /// What a result means.
    enum Action: Equatable {
        /// The servers stay.
        case keep
        /// These are the servers now.
        case replace([MemcachedServer])
    }

    /// What is to be logged of a result.
    enum Report: Equatable {
        case none
        case failed
        case recovered
    }

    private let name: MemcachedServer
    private let family: MemcachedConfiguration.Discovery.Family
    private let interval: TimeAmount
    private let impatientInterval: TimeAmount
    /// What was found last; nil before anything has been.
    private(set) var servers: [MemcachedServer]?
    /// Why the last lookup was of no use; nil when it was.
    private(set) var failure: MemcachedError?
    private(set) var isLookingUp = false
    private(set) var isStopped = false

    init(configuration: MemcachedConfiguration, name: MemcachedServer, _ discovery: MemcachedConfiguration.Discovery) {
        self.name = name
        self.family = discovery.family
        self.interval = TimeAmount(clamping: discovery.interval)
        self.impatientInterval = min(interval, TimeAmount(clamping: configuration.backoff.maximum))
    }

    /// A lookup is due.
    ///
    /// - Returns: The host to look up; nil when it is being looked up already, or nobody wants to know any more.
    mutating func begin() -> String? {
        guard !isLookingUp, !isStopped, let host = name.hostToResolve else { return nil }
        isLookingUp = true
        return host
    }

    /// A lookup has ended.
    ///
    /// - Parameter result: What it found.
    /// - Returns: What to do, what to log and after what time to look again; nil: nothing, it was stopped.
    mutating func ended(
        _ result: Result<[String], any Error>
    ) -> (action: Action, report: Report, next: TimeAmount)? {
        isLookingUp = false
        guard !isStopped else { return nil }
        let found: [MemcachedServer]
        let reason: String
        switch result {
        case .success(let addresses):
            found = AddressList.servers(addresses, of: name, family)
            reason = "it has no \(family == .any ? "" : "\(family.rawValue) ")address"
        case .failure(let error):
            found = []
            reason = "\(error)"
        }
        guard !found.isEmpty else {
            let isNew = failure == nil
            failure = MemcachedError(
                .connectionFailed,
                "the servers' name could not be resolved (\(reason)); check the name and the DNS",
                server: name.label
            )
            return (.keep, isNew ? .failed : .none, servers == nil ? impatientInterval : interval)
        }
        let report: Report = failure == nil ? .none : .recovered
        failure = nil
        guard found != servers else { return (.keep, report, interval) }
        servers = found
        return (.replace(found), report, interval)
    }

    /// Nobody wants to know any more.
    mutating func stop() { isStopped = true }
}
