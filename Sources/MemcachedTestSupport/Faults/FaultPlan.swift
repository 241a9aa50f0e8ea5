/// Which faults happen to which frames.
///
/// ```swift
/// proxy.plan = FaultPlan([
///     .init(.delay(.zero ... .milliseconds(20))),
///     .init(.reset, probability: 0.001),
///     .init(.refuseSASL, limit: 1),
/// ])
/// ```
///
/// The rules are gone through for each frame, in order. Each rule that fits the frame and whose dice hit takes part: the
/// faults that only cost time (`delay`, `stall`, `coalesce`, `slowSASL`) add up, of all others the first one is done.
public struct FaultPlan: Hashable, Sendable {
    /// The two directions of a connection.
    public enum Direction: Hashable, Sendable {
        /// From the server to the client.
        case responses
        /// From the client to the server.
        case requests
    }

    /// One fault and when it happens.
    public struct Rule: Hashable, Sendable {
        /// What happens.
        public var fault: Fault
        /// To frames of which direction it happens.
        public var direction: Direction
        /// To frames of which opcodes it happens; nil for all.
        public var opcodes: Set<UInt8>?
        /// How likely it happens to a frame that fits, 0…1.
        public var probability: Double
        /// How many frames that fit are left alone at first.
        public var skipping: Int
        /// How often it happens at most; nil for no limit.
        public var limit: Int?

        /// Describes when a fault happens; with the defaults to each response.
        /// - Parameters:
        ///   - fault: What happens.
        ///   - direction: To frames of which direction.
        ///   - opcodes: To frames of which opcodes, nil for all.
        ///   - probability: How likely, 0…1.
        ///   - skipping: How many frames that fit are left alone at first.
        ///   - limit: How often at most.
        public init(
            _ fault: Fault,
            to direction: Direction = .responses,
            opcodes: Set<UInt8>? = nil,
            probability: Double = 1,
            skipping: Int = 0,
            limit: Int? = nil
        ) {
            self.fault = fault
            self.direction = direction
            self.opcodes = opcodes
            self.probability = probability
            self.skipping = skipping
            self.limit = limit
        }
    }

    /// The rules, in the order in which they are gone through.
    public var rules: [Rule]

    /// A plan under which nothing happens.
    public static let none = FaultPlan([])

    /// Makes a plan.
    /// - Parameter rules: The rules, in the order in which they are gone through.
    public init(_ rules: [Rule]) {
        self.rules = rules
    }
}
