import MemcachedTestSupport

/// One thing that is done to a lane's traffic, once.
enum FaultCard: Sendable {
    /// A fault of the proxy, to the next frame that it fits.
    case fault(FaultPlan.Rule)
    /// The same, to the first frames of a new connection.
    case onNewConnection(FaultPlan.Rule)
    /// All connections are closed, or reset.
    case endConnections(isReset: Bool)
    /// For a time new connections meet something else than a server; those that are open are closed.
    case accept(FaultProxy.AcceptMode, Duration)
    /// For a time no response gets through.
    case pauseResponses(Duration)
    /// For a time the server does not run.
    case suspendServer(Duration)
}

extension FaultCard {
    /// GET, GETQ, GETK, GAT, GATQ, TOUCH: what changes nothing, so that a proxy may lie about it.
    ///
    /// An error in the place of the answer to a write would say that nothing was done, and the server has done it.
    private static let reads: Set<UInt8> = [0x00, 0x09, 0x0C, 0x1C, 0x1D, 0x1E]

    /// Requests whose answers are short: SET, DELETE, INCREMENT, NOOP.
    private static let short: Set<UInt8> = [0x01, 0x04, 0x05, 0x0A]

    /// What is answered in any case.
    ///
    /// Of a quiet batch silence is an answer. A frame of it that is lost, or overtaken by the answer that closes the
    /// batch, with all others arriving, is not missed in time; TCP does neither.
    private static let answered: Set<UInt8> = [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0B, 0x0C, 0x0E, 0x0F, 0x10, 0x1C, 0x1D,
    ]

    /// What carries no value in its answer: SET, ADD, REPLACE, DELETE, APPEND, PREPEND, TOUCH.
    ///
    /// The length of a value is what its frame says; nothing else tells it. One byte too many, taken from the frame
    /// that follows, can only be noticed with that frame, which may come later.
    private static let withoutValue: Set<UInt8> = [0x01, 0x02, 0x03, 0x04, 0x0E, 0x0F, 0x1C]

    /// What is done to every lane.
    static let common: [FaultCard] = responses + requests + statuses + surroundings

    /// What is done to a lane with SASL besides.
    static let authentication: [FaultCard] = [
        .onNewConnection(.init(.slowSASL(.milliseconds(50)), limit: 2)),
        .onNewConnection(.init(.slowSASL(.milliseconds(400)), limit: 1)),
        .onNewConnection(.init(.refuseSASL, limit: 1)),
    ]

    private static let responses: [FaultCard] =
        [
            .delay(.milliseconds(1) ... .milliseconds(30)), .stall(.milliseconds(60)), .coalesce(.milliseconds(20)),
            .split(at: 1), .split(at: 24), .split(at: nil),
            .dropRest, .halfClose, .close, .reset, .truncate(to: 10), .truncate(to: 24), .truncate(to: nil),
            .duplicate, .replay,
            .wrongOpaque, .wrongOpcode, .wrongMagic(0x80), .wrongMagic(0x00), .wrongKeyLength, .wrongExtrasLength,
            .announceHugeBody, .text("END\r\n"),
        ]
        .map { .fault(.init($0, limit: 1)) } + [
            .fault(.init(.trickle, opcodes: short, limit: 3)),
            .fault(.init(.swallow, opcodes: answered, limit: 1)),
            .fault(.init(.reorder(within: .milliseconds(50)), opcodes: answered, limit: 1)),
            .fault(.init(.wrongBodyLength, opcodes: withoutValue, limit: 1)),
            .fault(.init(.wrongExtrasLength, opcodes: reads, limit: 1)),
            .onNewConnection(.init(.text("ERROR Too many open connections\r\n"), limit: 1)),
            .onNewConnection(.init(.text("HTTP/1.1 400 Bad Request\r\n"), limit: 1)),
        ]

    private static let requests: [FaultCard] =
        [
            .delay(.milliseconds(1) ... .milliseconds(30)), .stall(.milliseconds(60)), .split(at: 1), .split(at: nil),
            .dropRest, .halfClose, .close, .reset, .truncate(to: nil), .wrongMagic(0x00),
        ]
        .map { .fault(.init($0, to: .requests, limit: 1)) } + [
            .fault(.init(.swallow, to: .requests, opcodes: answered, limit: 1))
        ]

    private static let statuses: [FaultCard] =
        [
            .status(0x20, "Auth failure."), .status(0x81, "Unknown command"), .status(0x82, "Out of memory"),
            .status(0x83, "Not supported"), .status(0x84, "Internal error"), .status(0x85, "Busy"),
            .status(0x86, "Temporary failure"),
        ]
        .map { .fault(.init($0, opcodes: reads, limit: 1)) } + [
            // More often than a read is tried again.
            .fault(.init(.status(0x85, "Busy"), opcodes: reads, limit: 60))
        ]

    private static let surroundings: [FaultCard] = [
        .endConnections(isReset: false), .endConnections(isReset: true), .pauseResponses(.milliseconds(30)),
        .pauseResponses(.milliseconds(300)), .suspendServer(.milliseconds(80)),
        .accept(.refuse, .milliseconds(60)), .accept(.ignore, .milliseconds(60)), .accept(.hang, .milliseconds(60)),
    ]
}
