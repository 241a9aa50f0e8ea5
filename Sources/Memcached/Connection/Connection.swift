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
        /// Whether the lane has no other connection.
        ///
        /// Among several, who is served next finds an idle one more often than not: callers that wrote at once would do so
        /// one by one where the event loop writes for many.
        var isAlone = true
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
    /// Past the channel; nil where what is written has to go through it.
    let socket: DirectSocket?
    let observer: Observer
    let pipeline: Mutex<RequestPipeline<ResponseSink>>
    /// Runs tasks on the event loop, for those that want to be there.
    let executor: LoopExecutor
    /// Whether a request other than the handshake's has been answered; relaxed, because nothing hangs on the order.
    let answeredMark = Atomic<Bool>(false)
    /// Requests without an answer, to be read without the lock; written under it.
    let loadMark = Atomic<Int>(0)
    /// Whether a request ran out of time and nothing has come since.
    ///
    /// Written on the event loop; who reads it late sends one more request into silence.
    let suspectMark = Atomic<Bool>(false)
    /// When it was made, and how much of the random part of its time it does not get.
    private let opened = NIODeadline.now()
    private let ageJitter = Double.random(in: 0...1)
    /// Touched on the event loop only, which the bound checks.
    private let timer: NIOLoopBoundBox<DeadlineTimer?>
    /// As the timer, for ``patrol()``.
    private let patrolTimer: NIOLoopBoundBox<DeadlineTimer?>
    /// As the timer: who takes in what is read past the channel, while there is one.
    private let handler: NIOLoopBoundBox<ConnectionHandler?>

    /// Made on the channel's event loop.
    init(
        channel: any Channel,
        socket: DirectSocket?,
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
        self.socket = socket
        self.serverLabel = serverLabel
        self.isAuthenticated = isAuthenticated
        self.isEncrypted = isEncrypted
        self.credentialsGeneration = credentialsGeneration
        self.observer = observer
        self.executor = LoopExecutor.of(channel.eventLoop)
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
        self.patrolTimer = NIOLoopBoundBox(nil, eventLoop: channel.eventLoop)
        self.handler = NIOLoopBoundBox(nil, eventLoop: channel.eventLoop)
        // They hold the connection until the socket has gone; a weak reference would make every other one slower.
        self.timer.value = DeadlineTimer(eventLoop: channel.eventLoop) { self.tick() }
        self.patrolTimer.value = DeadlineTimer(eventLoop: channel.eventLoop) { self.patrol() }
    }

    /// The channel's end of it is ready to read.
    ///
    /// On the event loop.
    func begin(_ handler: ConnectionHandler) {
        if socket != nil { self.handler.value = handler }
    }

    /// The channel's socket is gone.
    ///
    /// On the event loop; a second time changes nothing.
    func letGo() {
        timer.value?.cancel()
        timer.value = nil
        patrolTimer.value?.cancel()
        patrolTimer.value = nil
        handler.value = nil
        socket?.end()
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
        await withUnsafeContinuation { (continuation: ResponseSink.Continuation<Result<Response, MemcachedError>>) in
            let task = SuspendedTask(of: continuation)
            let sink = ResponseSink.single(continuation, task)
            submit(sink, task) {
                $0.submit(
                    request,
                    now: now,
                    deadline: deadline,
                    sink: sink,
                    heir: late.map { .late(LateSink($0)) }
                )
            }
        }
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
        let positions = if case .statistics = expectation { 0 } else { requests.count }
        return await collect(positions) { pipeline, sink in
            pipeline.submit(
                requests,
                expecting: expectation,
                now: .now(),
                deadline: deadline,
                sink: sink,
                heir: late.map { .late(LateSink($0)) }
            )
        }
    }

    /// Sends several requests behind one another that are encoded here, outside of the lock, and waits for all their
    /// responses.
    ///
    /// - Parameters:
    ///   - expectation: What is to come back.
    ///   - positions: How many requests there are, without the NOOP that closes a quiet batch.
    ///   - deadline: For all of them together.
    ///   - keepsRuns: Whether responses are wanted as they come, in ``GroupResponses/runs``.
    ///   - arrival: Told of each response as it comes, on the event loop.
    ///   - encode: Encodes them, and that NOOP, with opaques that count up from the one it is given; nil when they do
    ///     not fit the protocol's length fields.
    /// - Returns: A response for each position, nil where a quiet request was not answered; or the runs.
    func send(
        expecting expectation: Expectation,
        positions: Int,
        deadline: NIODeadline,
        keepsRuns: Bool = false,
        arrival: Flight.Arrival? = nil,
        encode: (UInt32) -> Outbox?
    ) async -> Outcome<GroupResponses> {
        let firstOpaque = pipeline.withLock { $0.reserveOpaques(for: expectation) }
        guard let outbox = encode(firstOpaque) else {
            return .finished(
                GroupResponses(responses: Array(repeating: nil, count: positions), error: .tooLong(serverLabel))
            )
        }
        let requests = EncodedRequests(expectation: expectation, firstOpaque: firstOpaque, outbox: outbox)
        return await collect(positions, keepsRuns: keepsRuns, arrival) { pipeline, sink in
            pipeline.submit(requests, now: .now(), deadline: deadline, sink: sink)
        }
    }

    /// Waits for the responses to several requests.
    private func collect(
        _ positions: Int,
        keepsRuns: Bool = false,
        _ arrival: Flight.Arrival? = nil,
        _ body: (inout RequestPipeline<ResponseSink>, ResponseSink) -> RequestPipeline<ResponseSink>.Submission
    ) async -> Outcome<GroupResponses> {
        await withUnsafeContinuation { (continuation: ResponseSink.Continuation<GroupResponses>) in
            let task = SuspendedTask(of: continuation)
            let sink = ResponseSink.group(
                ResponseGroup(count: positions, keepsRuns: keepsRuns, arrival, continuation, task)
            )
            submit(sink, task) { body(&$0, sink) }
        }
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

    /// Registers, unless the task has been cancelled; if it is later, ``patrol()`` finds out.
    private func submit(
        _ sink: ResponseSink,
        _ task: SuspendedTask,
        _ body: (inout RequestPipeline<ResponseSink>) -> RequestPipeline<ResponseSink>.Submission
    ) {
        if task.isCancelled {
            let detail = "the task was cancelled before its request was sent"
            return sink.fail(MemcachedError(.cancelled, detail, server: serverLabel))
        }
        // Where others run in the same turn of the loop their requests go out together.
        let socket = observer.isAlone && !executor.isRunningJobs ? socket : nil
        var only: ByteBuffer?
        let submission = pipeline.withLock { pipeline in
            let submission = body(&pipeline)
            guard case .accepted(_, let wake) = submission else { return submission }
            loadMark.store(pipeline.requestsInFlight, ordering: .relaxed)
            if wake, socket != nil { only = pipeline.takeOnly(maximumBytes: DirectSocket.maximumBytes) }
            return submission
        }
        switch submission {
        case .accepted(_, let wake):
            // Taken, so that one reference is left and the storage can be used again.
            if let socket, let buffer = only.take() {
                write(buffer, to: socket)
            } else if wake {
                wakeUp()
            }
        case .full:
            sink.refuse()
        case .closed(let error):
            sink.fail(error.with(server: serverLabel, outcome: .notSent))
        case .tooLarge:
            sink.fail(.tooLong(serverLabel))
        }
    }

    /// Writes a request on its caller's thread, and what the socket does not take on the event loop.
    private func write(_ buffer: consuming ByteBuffer, to socket: DirectSocket) {
        let count = socket.write(buffer)
        guard count < buffer.readableBytes else {
            if pipeline.withLock({ $0.finishWriting(&buffer) }) { wakeUp() }
            return
        }
        buffer.moveReaderIndex(forwardBy: count)
        let rest = buffer
        channel.eventLoop.execute { self.writeThroughChannel([], rest) }
    }

    /// Has the event loop write what has gathered, at the end of its turn if this runs there.
    func wakeUp() {
        if !executor.servesAfterJobs(self) { channel.eventLoop.execute { self.service() } }
    }

    // MARK: Event loop

    /// Writes what has gathered and sets the timer.
    ///
    /// On the event loop.
    func service() {
        let isWritable = channel.isWritable
        var service = pipeline.withLock { $0.service(isWritable: isWritable) }
        if let instant = service.timer { timer.value?.arm(at: instant) }
        if let pause = service.patrol { patrolTimer.value?.arm(at: .now() + pause) }
        guard var last = service.last else { return }
        // One reference only, so that the storage can be used again.
        service.last = nil
        guard let socket, service.earlier.isEmpty, last.readableBytes <= DirectSocket.maximumBytes else {
            return writeThroughChannel(service.earlier, last)
        }
        let count = socket.write(last)
        guard count < last.readableBytes else { return pipeline.withLock { $0.recycle(&last) } }
        last.moveReaderIndex(forwardBy: count)
        writeThroughChannel([], last)
    }

    /// Takes answers that have come already, if that is likely.
    ///
    /// On the event loop, outside of jobs, which who is resumed becomes.
    ///
    /// - Parameter buffer: To be read into; empty before and after, and kept for the sake of its storage.
    func readAhead(into buffer: inout ByteBuffer) {
        handler.value?.readAhead(into: &buffer)
    }

    /// Has the channel write.
    ///
    /// On the event loop. What goes past the channel waits until it has, or it would overtake.
    private func writeThroughChannel(_ earlier: [ByteBuffer], _ last: consuming ByteBuffer) {
        for buffer in earlier { channel.write(buffer, promise: nil) }
        guard socket != nil else {
            channel.writeAndFlush(last, promise: nil)
            if !earlier.isEmpty { last = ByteBuffer() }
            return pipeline.withLock { $0.recycle(&last) }
        }
        channel.writeAndFlush(last).assumeIsolated()
            .whenComplete { _ in
                var nothing = ByteBuffer()
                self.pipeline.withLock { $0.recycle(&nothing) }
                self.service()
            }
    }

    func isForTombstone(_ header: ResponseHeader) -> Bool {
        pipeline.withLock { $0.isForTombstone(header) }
    }

    func notePoisoned() {
        pipeline.withLock { $0.notePoisoned() }
    }

    /// Resumes callers whose tasks have been cancelled; their late responses will be read and dropped.
    ///
    /// Looking now and then costs nothing as long as answers come. A handler for each request, which tells at once, costs
    /// up to a tenth of it.
    private func patrol() {
        let patrol = pipeline.withLock { $0.patrol(for: \.isCancelled) }
        if let pause = patrol.pause { patrolTimer.value?.arm(at: .now() + pause) }
        guard !patrol.abandoned.isEmpty else { return }
        let error = MemcachedError(
            .cancelled,
            "the task was cancelled while its request was on the way",
            server: serverLabel,
            outcome: .unknown
        )
        for sink in patrol.abandoned { sink.fail(error) }
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

extension MemcachedError {
    fileprivate static func tooLong(_ server: String) -> MemcachedError {
        MemcachedError(.valueTooLarge, "a request cannot be longer than 4 GiB", server: server)
    }
}

extension Connection: PooledConnection {
    var load: Int { loadMark.load(ordering: .relaxed) }
    var isSuspect: Bool { suspectMark.load(ordering: .relaxed) }
}
