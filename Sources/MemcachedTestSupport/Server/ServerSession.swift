/// One client's connection to a server in this process, without its socket: bytes in, what to send out.
struct ServerSession: Sendable {
    /// What is to be done on the connection, in order.
    enum Output: Hashable, Sendable {
        /// Send a response.
        case frame(RawFrame)
        /// Send bytes that are no response.
        case bytes([UInt8])
        /// Have a fault happen to the next thing that is sent.
        case fault(Fault)
        /// Close the connection when everything before has been sent.
        case close
        /// Reset the connection.
        case reset
    }

    private var reader: RequestReader
    private let accounts: SASLAccounts
    private var authentication = SASLAccounts.State.stranger
    private var isClosed = false

    /// How many well-formed requests have come.
    private(set) var requestCount = 0

    init(_ limits: MemoryStore.Limits, _ accounts: SASLAccounts) {
        reader = RequestReader(itemSize: limits.itemSize, hasSASL: accounts.isRequired)
        self.accounts = accounts
    }

    /// Takes bytes and does what they ask for.
    /// - Parameters:
    ///   - bytes: What has come.
    ///   - store: The items of the server.
    ///   - now: The present as Unix time.
    ///   - script: What to do about each well-formed request.
    /// - Returns: What is to be done on the connection.
    mutating func receive(
        _ bytes: some Collection<UInt8>,
        _ store: inout MemoryStore,
        now: Int64,
        script: (RawFrame) -> [FakeMemcachedServer.Action] = { _ in [.answer] }
    ) -> [Output] {
        var outputs: [Output] = []
        /// So many of the outputs are on their way; a stream that goes wrong takes the others with it.
        var flushed = 0
        reader.append(bytes)
        while !isClosed, let step = reader.next(isAuthenticated: authentication == .authenticated) {
            switch step {
            case .request(let command, let isQuiet, let request):
                requestCount += 1
                for action in script(request) where !isClosed {
                    outputs += perform(action, command, isQuiet, request, &store, now)
                }
                // A NOOP sends what has been waiting.
                if command == .noop { flushed = outputs.count }
            case .oversized(let command, let head): outputs.append(.frame(store.refuseOversized(command, head)))
            case .refused(let answer, let closes):
                outputs.append(.frame(answer))
                if closes { outputs += close() }
            case .textLine: outputs.append(.bytes(Array("ERROR\r\n".utf8)))
            case .lost:
                outputs.removeSubrange(flushed...)
                outputs += close()
            }
        }
        return outputs
    }

    private mutating func perform(
        _ action: FakeMemcachedServer.Action,
        _ command: ServerCommand,
        _ isQuiet: Bool,
        _ request: RawFrame,
        _ store: inout MemoryStore,
        _ now: Int64
    ) -> [Output] {
        switch action {
        case .answer: return answer(command, isQuiet, request, &store, now)
        case .perform:
            return answer(command, isQuiet, request, &store, now).filter { $0 == .close }
        case .respond(let response): return [.frame(response)]
        case .refuse(let status, let text): return [.frame(request.refusal(status: status, text: text))]
        case .send(let bytes): return [.bytes(bytes)]
        case .fault(let fault): return [.fault(fault)]
        case .close: return close()
        case .reset:
            isClosed = true
            return [.reset]
        }
    }

    private mutating func answer(
        _ command: ServerCommand,
        _ isQuiet: Bool,
        _ request: RawFrame,
        _ store: inout MemoryStore,
        _ now: Int64
    ) -> [Output] {
        switch command {
        case .quit: return (isQuiet ? [] : [.frame(request.answer())]) + close()
        case .listMechanisms, .authenticate, .step:
            let answer = accounts.answer(command, request, &authentication)
            if command != .listMechanisms { store.counters["auth_cmds", default: 0] += 1 }
            if answer.status == ServerRefusal.authentication.rawValue {
                store.counters["auth_errors", default: 0] += 1
            }
            return [.frame(answer)]
        default:
            return store.perform(command, isQuiet: isQuiet, request, now: now).map { .frame($0) }
        }
    }

    private mutating func close() -> [Output] {
        isClosed = true
        return [.close]
    }
}
