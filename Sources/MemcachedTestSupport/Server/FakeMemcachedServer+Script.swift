extension FakeMemcachedServer {
    /// Decides what to do about a request; called on an event loop while the server's items are locked, so it must
    /// neither block nor call the server.
    public typealias Script = @Sendable (Request) -> [Action]

    /// A well-formed request that has come.
    public struct Request: Sendable {
        /// The frame.
        public var frame: RawFrame
        /// The how-many-eth connection of the server it came on, from 1.
        public var connection: Int
        /// The how-many-eth request of its connection it is, from 1.
        public var number: Int

        /// The key of the request as text.
        public var key: String {
            String(decoding: frame.key, as: UTF8.self)
        }
    }

    /// One thing that a script has the server do; a script may have it do several in a row, or nothing.
    public enum Action: Sendable {
        /// Do what the request asks for and answer it.
        case answer
        /// Do what the request asks for and do not answer it.
        case perform
        /// Send a response of the script's own.
        case respond(RawFrame)
        /// Do not do what the request asks for, and answer with this status and text: 0x82 out of memory, 0x85 busy,
        /// 0x86 temporary failure.
        case refuse(status: UInt16, text: String)
        /// Send bytes that need not be a response.
        case send([UInt8])
        /// Have a fault happen to the next thing that is sent on this connection.
        case fault(Fault)
        /// Close the connection once everything before has been sent.
        case close
        /// Reset the connection.
        case reset
    }

    /// What a server has seen and done since it was started.
    public struct Counts: Hashable, Sendable {
        /// How many clients have connected.
        public var connectionsAccepted = 0
        /// How many of their connections are open.
        public var connectionsOpen = 0
        /// How many well-formed requests have come, by opcode.
        public var requests: [UInt8: Int] = [:]
        /// How many response frames were made, before any fault was done to them.
        public var responseFrames = 0
        /// How often each kind of fault was done.
        public var faults: [Fault.Kind: Int] = [:]

        /// Makes counts that are all zero.
        public init() {}
    }
}
