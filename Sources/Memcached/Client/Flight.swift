import MemcachedWire
import NIOCore

/// Several requests that go out in one flight on one connection, whichever that will be.
struct Flight {
    /// Hears of a response, on an event loop, and of the position of its request.
    typealias Arrival = @Sendable (Int, Response) -> Void

    /// How many requests there are; 0 for STAT, which has any number of answers.
    let positions: Int
    /// Whether all of them may be sent twice.
    let isRepeatable: Bool
    /// Whether any answer says something of where items are kept.
    let isAboutKey: Bool
    /// The first one's, for errors.
    let opcode: Opcode?
    /// The requests by themselves, for who has to know more of them.
    let requests: () -> [Request]
    /// Sends them on a connection and waits for the answers.
    let send: (Connection) async -> Connection.Outcome<GroupResponses>

    /// Requests of any kind, and what is to come back.
    init(
        _ requests: [Request],
        expecting expectation: Expectation,
        deadline: NIODeadline,
        late: Connection.LateHandler? = nil
    ) {
        positions = requests.count
        isRepeatable = requests.allSatisfy(\.isRead)
        isAboutKey = requests.contains(where: \.isAboutKey)
        opcode = requests.first?.opcode
        self.requests = { requests }
        send = { await $0.send(requests, expecting: expectation, deadline: deadline, late: late) }
    }

    /// A window of a batch.
    init(
        _ window: ArraySlice<Int>,
        of plan: BatchPlan,
        _ style: BatchStyle,
        deadline: NIODeadline,
        arrival: Arrival? = nil
    ) {
        positions = window.count
        isRepeatable = plan.isRead
        isAboutKey = plan.opcode.isAboutKey
        opcode = plan.opcode
        requests = { window.map(plan.request) }
        let expectation = style.expectation(.same(plan.opcode, count: window.count))
        // The connection counts within the window; the NOOP that closes it is nobody's.
        let arrival = arrival.map { arrival -> Arrival in
            { index, response in
                if index < window.count { arrival(window[window.startIndex + index], response) }
            }
        }
        send = { connection in
            await connection.send(
                expecting: expectation,
                positions: window.count,
                deadline: deadline,
                arrival: arrival
            ) {
                plan.encode(window, firstOpaque: $0, isClosed: style == .quiet)
            }
        }
    }
}
