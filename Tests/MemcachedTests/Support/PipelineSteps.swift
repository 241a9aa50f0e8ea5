import MemcachedWire
import NIOCore

@testable import Memcached

extension RequestPipeline.Submission {
    /// The ticket of an accepted request.
    var ticket: UInt64? {
        if case .accepted(let ticket, _) = self { ticket } else { nil }
    }

    /// Whether the event loop has to come; nil when the request was not accepted.
    var wake: Bool? {
        if case .accepted(_, let wake) = self { wake } else { nil }
    }

    var isFull: Bool {
        if case .full = self { true } else { false }
    }

    var isTooLarge: Bool {
        if case .tooLarge = self { true } else { false }
    }

    /// Why the connection takes nothing any more.
    var closedBy: MemcachedError? {
        if case .closed(let error) = self { error } else { nil }
    }
}

extension RequestPipeline<Int> {
    /// A pipeline at time 0 whose opaques begin at 1000.
    init(requests: Int = 100, bytes: Int = 100_000, firstOpaque: UInt32 = 1_000) {
        self.init(
            firstOpaque: firstOpaque,
            maximumRequests: requests,
            maximumBytes: bytes,
            now: .at(milliseconds: 0)
        )
    }

    /// Hands in a GET of 25 bytes, or a request of the test's own.
    mutating func submit(
        _ sink: Int,
        _ request: Request = Request(opcode: .get, key: "k"),
        at now: Int = 0,
        deadline: Int = 1_000,
        heir: Int? = nil
    ) -> Submission {
        submit(
            CollectionOfOne(request),
            expecting: .one(request.opcode),
            now: .at(milliseconds: now),
            deadline: .at(milliseconds: deadline),
            sink: sink,
            heir: heir
        )
    }

    /// Hands in a quiet batch of GETs.
    mutating func submitBatch(_ sink: Int, of count: Int) -> Submission {
        let requests = Array(repeating: Request(opcode: .getQuiet, key: "k"), count: count)
        return submit(
            requests,
            expecting: .quiet(Opcodes(requests.map(\.opcode))),
            now: .at(milliseconds: 0),
            deadline: .at(milliseconds: 1_000),
            sink: sink
        )
    }

    /// What a response to a GET without a body answers; nil is a violation.
    mutating func answer(_ opaque: UInt32, _ opcode: Opcode = .get) -> QueueAnswer? {
        match(ResponseHeader(opcode, opaque)).answer
    }

    /// The requests handed out for a writable channel.
    mutating func sent() throws -> [SentRequest] {
        let requests = try SentRequest.parse(service(isWritable: true).buffers)
        wrote()
        return requests
    }

    /// What was handed out has been written.
    mutating func wrote() {
        var nothing = ByteBuffer()
        recycle(&nothing)
    }
}
