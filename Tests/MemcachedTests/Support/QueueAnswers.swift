import MemcachedWire

@testable import Memcached

/// What a queue says of a response, in a form that can be compared.
struct QueueAnswer: Equatable {
    var sink: Int?
    var index: Int
    var last: Bool
    var late: Bool

    init(_ sink: Int?, index: Int = 0, last: Bool = true, late: Bool = false) {
        self.sink = sink
        self.index = index
        self.last = last
        self.late = late
    }
}

extension InFlightQueue.Match where Sink == Int {
    /// The answer; nil is a violation.
    var answer: QueueAnswer? {
        switch self {
        case .answer(let sink, let index, let last, let late): QueueAnswer(sink, index: index, last: last, late: late)
        case .violation: nil
        }
    }
}

extension InFlightQueue<Int> {
    /// What a response without a body answers; nil is a violation.
    mutating func answer(_ opcode: Opcode, _ opaque: UInt32, status: Status = .success) -> QueueAnswer? {
        match(ResponseHeader(opcode, opaque, status: status)).answer
    }

    /// Registers a request of 24 bytes at time 0 with a deadline.
    mutating func add(
        _ expectation: Expectation,
        _ sink: Int,
        heir: Int? = nil,
        bytes: Int = 24,
        deadline: Int = 1_000
    ) -> UInt64 {
        append(
            expectation,
            byteCount: bytes,
            submitted: .at(milliseconds: 0),
            deadline: .at(milliseconds: deadline),
            sink: sink,
            heir: heir
        )
    }
}
