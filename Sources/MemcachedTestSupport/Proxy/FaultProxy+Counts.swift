extension FaultProxy {
    /// What a proxy has seen and done since it was started.
    public struct Counts: Hashable, Sendable {
        /// How many clients have connected.
        public var connectionsAccepted = 0
        /// How many of their connections are open.
        public var connectionsOpen = 0
        /// How many of them found no server behind the proxy.
        public var upstreamFailures = 0
        /// How many whole frames have come from clients.
        public var requestFrames = 0
        /// How many whole frames have come from the server, before any fault was done to them.
        public var responseFrames = 0
        /// How often each kind of fault was done.
        public var faults: [Fault.Kind: Int] = [:]
        /// How often the server answered an opcode with a status, before any fault was done to the answer.
        public var answers: [UInt8: [UInt16: Int]] = [:]

        /// Makes counts that are all zero.
        public init() {}

        mutating func add(_ tally: FaultLane.Tally, _ direction: FaultPlan.Direction) {
            switch direction {
            case .requests: requestFrames += tally.frames
            case .responses: responseFrames += tally.frames
            }
            faults.merge(tally.faults) { $0 + $1 }
            answers.merge(tally.answers) { $0.merging($1) { $0 + $1 } }
        }
    }
}
