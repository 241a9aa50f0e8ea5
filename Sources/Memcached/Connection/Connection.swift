import MemcachedWire
import NIOCore
import Synchronization

/// One socket to one server, shared by many tasks at once.
///
/// Callers encode into the pipeline from their own task and suspend; the event loop writes what has gathered in one
/// write, parses what comes, and resumes the callers. Lock, mutate, take the action, unlock, then act.
final class Connection: Sendable {
    /// What the pool has to know of a connection.
    struct Observer: Sendable {
        /// Which of the pool's lanes it belongs to.
        var lane = 0
        /// The connection has ended.
        ///
        /// Called once, on any thread.
        var didClose: @Sendable (Connection, MemcachedError) -> Void
        /// There is room for so many requests again, after a caller found none, or after nobody knew whether the server
        /// would ever answer.
        var hasRoom: @Sendable (Connection, Int) -> Void
    }

    /// Takes a response that came when the caller had gone, and its position in a sequence.
    ///
    /// Called on the event loop. Returns an error when the response shows that the connection cannot be trusted.
    typealias LateHandler = @Sendable (Int, Response) -> MemcachedError?

    /// What became of requests handed to a connection.
    enum Outcome<Value: Sendable>: Sendable {
        case finished(Value)
        /// The connection is full, and nothing was sent.
        case full
    }

    let serverLabel: String
    let isAuthenticated: Bool
    let isEncrypted: Bool
    /// The how manieth credentials it was made with.
    let credentialsGeneration: Int
    let channel: any Channel
    let observer: Observer
    let pipeline: Mutex<RequestPipeline<ResponseSink>>
    /// Whether a request other than the handshake's has been answered; relaxed, because nothing hangs on the order.
    private let answeredMark = Atomic<Bool>(false)
    /// Requests without an answer, to be read without the lock; written under it.
    let loadMark = Atomic<Int>(0)
    /// Whether a request ran out of time and nothing has come since.
    ///
    /// Written on the event loop; who reads it late sends one more request into silence.
    private let suspectMark = Atomic<Bool>(false)
    /// When it was made, and how much of the random part of its time it does not get.
    private let opened = NIODeadline.now()
    private let ageJitter = Double.random(in: 0...1)
    /// Touched on the event loop only, which the bound checks.
    private let timer: NIOLoopBoundBox<DeadlineTimer?>

    /// Made on the channel's event loop.
    init(
        channel: any Channel,
        serverLabel: String,
        isAuthenticated: Bool,
        isEncrypted: Bool,
        credentialsGeneration: Int,
        limits: MemcachedConfiguration.Limits,
        usualTimeout: Duration,
        usualPatience: Duration,
        observer: Observer
    ) {
        self.channel = channel
        self.serverLabel = serverLabel
        self.isAuthenticated = isAuthenticated
        self.isEncrypted = isEncrypted
        self.credentialsGeneration = credentialsGeneration
        self.observer = observer
        self.pipeline = Mutex(
            RequestPipeline(
                firstOpaque: .random(in: .min ... .max),
                maximumRequests: limits.requestsInFlight,
                maximumBytes: limits.bytesInFlight,
                usualTimeout: TimeAmount(min(usualTimeout, .seconds(86_400))),
                usualPatience: TimeAmount(min(usualPatience, .seconds(86_400))),
                now: .now()
            )
        )
        self.timer = NIOLoopBoundBox(nil, eventLoop: channel.eventLoop)
        // It holds the connection until the socket has gone; a weak reference would make every other one slower.
        self.timer.value = DeadlineTimer(eventLoop: channel.eventLoop) { self.tick() }
    }

    /// The socket is gone.
    ///
    /// On the event loop.
    func dropTimer() {
        timer.value?.cancel()
        timer.value = nil
    }

    /// Requests without an answer, tombstones included.
    var requestsInFlight: Int { pipeline.withLock { $0.requestsInFlight } }
    /// Those, and how many of them are tombstones.
    var inFlight: (requests: Int, tombstones: Int) {
        pipeline.withLock { ($0.requestsInFlight, $0.tombstonesInFlight) }
    }
    var counters: ConnectionCounters { pipeline.withLock { $0.counters } }
    var isClosed: Bool { pipeline.withLock { $0.isClosed } }
    /// Whether it was told to end by this side.
    var isDraining: Bool { pipeline.withLock { $0.drainReason != nil } }
    /// Whether a request other than the handshake's has ever been answered.
    var hasAnswered: Bool { answeredMark.load(ordering: .relaxed) }
    var eventLoop: any EventLoop { channel.eventLoop }
    /// What decides about keeping it.
    var facts: ConnectionUpkeep.Facts {
        pipeline.withLock {
            ConnectionUpkeep.Facts(
                opened: opened,
                jitter: ageJitter,
                used: $0.lastUse,
                sent: $0.lastSubmission,
                isBusy: $0.requestsInFlight > 0
            )
        }
    }

    // MARK: Callers

    /// Sends one request and waits for its response.
    ///
    /// - Parameters:
    ///   - request: What to send.
    ///   - deadline: Until when to wait.
    ///   - now: The time.
    ///   - late: Called with a response that came when the caller had gone.
    /// - Returns: The response or why there is none; or that there was no room.
    func send(
        _ request: Request,
        deadline: NIODeadline,
        now: NIODeadline = .now(),
        late: LateHandler? = nil
    ) async -> Outcome<Result<Response, MemcachedError>> {
        let ticket = Atomic<UInt64>(0)
        let full = Atomic<Bool>(false)
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isFull = submit(
                    CollectionOfOne(request),
                    expecting: .one(request.opcode),
                    now: now,
                    deadline: deadline,
                    sink: .single(continuation),
                    late: late,
                    ticket: ticket
                )
                if isFull { full.store(true, ordering: .relaxed) }
            }
        } onCancel: {
            abandon(ticket)
        }
        return full.load(ordering: .relaxed) ? .full : .finished(result)
    }

    /// Sends several requests behind one another and waits for all their responses.
    ///
    /// - Parameters:
    ///   - requests: Quiet ones with ``Expectation/quiet(_:)``, others with ``Expectation/sequence(_:)``, one STAT with
    ///     ``Expectation/statistics``.
    ///   - expectation: What is to come back.
    ///   - deadline: For all of them together.
    ///   - late: Called with a response that came when the caller had gone.
    /// - Returns: A response for each position, nil where a quiet request was not answered; all packets for STAT.
    func send(
        _ requests: [Request],
        expecting expectation: Expectation,
        deadline: NIODeadline,
        late: LateHandler? = nil
    ) async -> Outcome<GroupResponses> {
        let ticket = Atomic<UInt64>(0)
        let full = Atomic<Bool>(false)
        let positions = if case .statistics = expectation { 0 } else { requests.count }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let isFull = submit(
                    requests,
                    expecting: expectation,
                    now: .now(),
                    deadline: deadline,
                    sink: .group(ResponseGroup(count: positions, continuation: continuation)),
                    late: late,
                    ticket: ticket
                )
                if isFull { full.store(true, ordering: .relaxed) }
            }
        } onCancel: {
            abandon(ticket)
        }
        return full.load(ordering: .relaxed) ? .full : .finished(result)
    }

    /// Sends a request of the handshake, on the event loop.
    ///
    /// The attempt to connect has its own timer.
    func sendHandshake(_ request: Request) {
        let submission = pipeline.withLock {
            $0.submit(
                CollectionOfOne(request),
                expecting: .one(request.opcode),
                now: .now(),
                deadline: .distantFuture,
                sink: .handshake
            )
        }
        if case .accepted = submission { service() }
    }

    /// Registers, then looks whether the task has been cancelled; whoever comes first resumes the caller.
    ///
    /// - Returns: Whether there was no room; the caller has been resumed then as in every other case.
    private func submit(
        _ requests: some Collection<Request> & Sendable,
        expecting expectation: Expectation,
        now: NIODeadline,
        deadline: NIODeadline,
        sink: ResponseSink,
        late: LateHandler?,
        ticket: borrowing Atomic<UInt64>
    ) -> Bool {
        let submission = pipeline.withLock { pipeline in
            let submission = pipeline.submit(
                requests,
                expecting: expectation,
                now: now,
                deadline: deadline,
                sink: sink,
                heir: late.map { .late($0) }
            )
            if case .accepted(let number, _) = submission {
                ticket.store(number, ordering: .relaxed)
                loadMark.store(pipeline.requestsInFlight, ordering: .relaxed)
            }
            return submission
        }
        switch submission {
        case .accepted(_, let wake):
            if wake { channel.eventLoop.execute { self.service() } }
            if Task.isCancelled { abandon(ticket) }
            return false
        case .full:
            sink.fail(MemcachedError(.overloaded, "the connection is full", server: serverLabel))
            return true
        case .closed(let error):
            sink.fail(error.with(server: serverLabel, outcome: .notSent))
            return false
        case .tooLarge:
            sink.fail(MemcachedError(.valueTooLarge, "a request cannot be longer than 4 GiB", server: serverLabel))
            return false
        }
    }

    /// The caller's task was cancelled: resumes it at once; the late response will be read and dropped.
    private func abandon(_ ticket: borrowing Atomic<UInt64>) {
        // Read under the lock under which it is written: if the request is not registered yet, the one who registers it
        // takes the lock after this and so sees the cancellation.
        let sink = pipeline.withLock { pipeline -> ResponseSink? in
            let number = ticket.load(ordering: .relaxed)
            return number == 0 ? nil : pipeline.abandon(ticket: number)
        }
        sink?
            .fail(
                MemcachedError(
                    .cancelled,
                    "the task was cancelled while its request was on the way",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
    }

    // MARK: Event loop

    /// Writes what has gathered and sets the timer.
    ///
    /// On the event loop.
    func service() {
        let isWritable = channel.isWritable
        var service = pipeline.withLock { $0.service(isWritable: isWritable) }
        if let instant = service.timer { timer.value?.arm(at: instant) }
        guard var last = service.last else { return }
        // One reference only, so that the storage can be used again.
        service.last = nil
        for buffer in service.earlier {
            channel.write(buffer, promise: nil)
        }
        channel.writeAndFlush(last, promise: nil)
        if service.earlier.isEmpty { pipeline.withLock { $0.recycle(&last) } }
    }

    func isForTombstone(_ header: ResponseHeader) -> Bool {
        pipeline.withLock { $0.isForTombstone(header) }
    }

    func notePoisoned() {
        pipeline.withLock { $0.notePoisoned() }
    }

    /// A response on its way to who waits for it.
    struct Delivery {
        fileprivate var sink: ResponseSink
        fileprivate var frame: Int
        fileprivate var index: Int
        fileprivate var last: Bool
    }

    /// Hands frames to those who wait for them.
    ///
    /// On the event loop.
    ///
    /// - Parameters:
    ///   - frames: What was found in `buffer`.
    ///   - buffer: What was received.
    ///   - deliveries: Empty before and after; kept by the caller for the sake of its storage.
    /// - Returns: Responses to the handshake.
    func deliver(
        _ frames: [ResponseReader.Frame],
        from buffer: ByteBuffer,
        scratch deliveries: inout [Delivery]
    ) -> [Response] {
        var violation: String?
        var isAnswer = false
        let now = NIODeadline.now()
        // Letting go of what is spent can end the client, and with it this connection: not under the lock.
        let (room, isDrained, spent) = pipeline.withLock { pipeline -> (Int?, Bool, [ResponseSink]) in
            pipeline.noteRead(at: now)
            for (number, frame) in frames.enumerated() {
                guard frame.header.hasFittingLengths else {
                    pipeline.notePoisoned()
                    violation = "the lengths in the header are not those of a response to \(frame.header.opcode)"
                    break
                }
                switch pipeline.match(frame.header) {
                case .answer(let sink?, let index, let last, _):
                    if case .handshake = sink {} else { isAnswer = true }
                    deliveries.append(Delivery(sink: sink, frame: number, index: index, last: last))
                case .answer(nil, _, _, _):
                    isAnswer = true
                case .violation(let reason):
                    violation = reason
                }
                if violation != nil { break }
            }
            loadMark.store(pipeline.requestsInFlight, ordering: .relaxed)
            return (pipeline.hasRoomAgain(), pipeline.isDrained, pipeline.takeSpent())
        }
        defer { withExtendedLifetime(spent) {} }
        let isHeardOfAgain = suspectMark.exchange(false, ordering: .relaxed)
        if isAnswer, !hasAnswered { answeredMark.store(true, ordering: .relaxed) }
        var handshake: [Response] = []
        var swallows = false
        var distrust: MemcachedError?
        // Taken out: what is resumed may come back here.
        var taken: [Delivery] = []
        swap(&taken, &deliveries)
        for delivery in taken {
            let frame = frames[delivery.frame]
            let response =
                if let bodyIndex = frame.bodyIndex {
                    Response(header: frame.header, buffer: buffer, bodyIndex: bodyIndex)
                } else {
                    Response(status: frame.header.status, cas: frame.header.cas)
                }
            if response.status == .unknownCommand { swallows = swallows || Self.isSwallowed(frame.header.opcode) }
            switch delivery.sink {
            case .single(let continuation): continuation.resume(returning: .success(response))
            case .group(let group):
                group.deliver(
                    response,
                    index: delivery.index,
                    last: delivery.last,
                    isAppended: frame.header.opcode == .stat
                )
            case .handshake: handshake.append(response)
            case .late(let handler): distrust = handler(delivery.index, response) ?? distrust
            }
        }
        taken.removeAll(keepingCapacity: true)
        swap(&taken, &deliveries)
        if let violation {
            end(
                MemcachedError(
                    .protocolViolation,
                    "\(violation); the connection was closed and nothing of it used",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
        } else if let distrust {
            poison(distrust)
        } else if swallows {
            end(
                MemcachedError(
                    .connectionLost,
                    "the server did not know a command and swallows what follows it; the connection was closed",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
        } else if isDrained {
            quit()
        } else if let room {
            observer.hasRoom(self, room)
        } else if isHeardOfAgain {
            observer.hasRoom(self, .max)
        }
        return handshake
    }

    /// A server that does not know an opcode takes its key for the next request's bytes.
    private static func isSwallowed(_ opcode: Opcode) -> Bool {
        guard let entry = OpcodeTable.entry(for: opcode) else { return true }
        switch opcode {
        case .saslAuthenticate, .saslStep: return false
        default: return entry.key != .none || entry.extras != .none
        }
    }

    private func tick() {
        let tick = pipeline.withLock { $0.tick(at: .now()) }
        if let instant = tick.timer { timer.value?.arm(at: instant) }
        if !tick.expired.isEmpty {
            let error = MemcachedError(
                .timeout,
                "no answer came in time. The request may have been carried out. If the server is only slow, raise "
                    + "timeouts.operation; if it never answers, check that a memcached listens there",
                server: serverLabel,
                outcome: .unknown
            )
            if tick.isSuspect { suspectMark.store(true, ordering: .relaxed) }
            for sink in tick.expired { sink.fail(error) }
        }
        if tick.isStalled {
            end(
                MemcachedError(
                    .connectionLost,
                    "the server has been silent for too long; the connection was closed",
                    server: serverLabel,
                    outcome: .unknown
                )
            )
        }
    }
}

extension Connection: PooledConnection {
    var load: Int { loadMark.load(ordering: .relaxed) }
    var isSuspect: Bool { suspectMark.load(ordering: .relaxed) }
}
