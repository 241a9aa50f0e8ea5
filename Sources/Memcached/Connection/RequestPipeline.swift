import MemcachedWire
import NIOCore

/// The per-request path of one connection: outbox, requests in flight, deadlines.
///
/// Plain data without I/O.
///
/// The connection keeps it under a lock. Inputs return what is to be done after the lock is released: no channel is
/// called and no continuation resumed in here.
struct RequestPipeline<Sink> {
    /// What became of a request that was handed in.
    enum Submission {
        /// Encoded and registered. `wake`: the event loop has to come and service the pipeline.
        case accepted(ticket: UInt64, wake: Bool)
        /// There is no room; nothing was encoded. Who waits for it says so with ``waitForRoom()``.
        case full
        /// The connection has ended; nothing was encoded.
        case closed(MemcachedError)
        /// The request does not fit the protocol's length fields; nothing was encoded.
        case tooLarge
    }

    /// What the event loop has to do.
    struct Service {
        /// What to write before `last`.
        var earlier: [ByteBuffer] = []
        var last: ByteBuffer?
        /// When to call ``tick(at:)``, if that is earlier than what was armed before.
        var timer: NIODeadline?
        /// After what time to call ``patrol(for:)``, if that is to begin.
        var patrol: TimeAmount?

        /// All that is to be written, in order.
        var buffers: [ByteBuffer] { last.map { earlier + [$0] } ?? earlier }
    }

    /// What the passing of time brings.
    struct Tick {
        var expired: [Sink] = []
        /// A request ran out of time as long as is usual, and no byte has come since it was sent.
        var isSuspect = false
        /// The server has been silent for too long: close the connection.
        var isStalled = false
        var timer: NIODeadline?
    }

    /// What a look at those who wait brings.
    struct Patrol {
        /// Who does not wait any longer.
        var abandoned: [Sink] = []
        /// After what time to look again; nil when nobody waits for anything.
        var pause: TimeAmount?
    }

    /// What the end of the connection brings.
    struct Ending {
        /// Whose requests had left, or may have: their outcome is unknown.
        var unknown: [Sink] = []
        /// Whose requests never left.
        var notSent: [Sink] = []
        /// Who is told of nothing, to be let go of outside the lock.
        var spent: [Sink] = []
    }

    /// The shortest time of silence after which a connection is given up.
    static var shortestStall: TimeAmount { .seconds(1) }

    private let maximumRequests: Int
    private let maximumBytes: Int
    private let usualTimeout: TimeAmount
    private let usualPatience: TimeAmount
    private var outbox = Outbox()
    private var inFlight: InFlightQueue<Sink>
    private var closedBy: MemcachedError?
    /// What those are told who come while it drains.
    private var drainedBy: MemcachedError?
    /// Tickets below this one have been handed to the channel.
    private var firstUnsentTicket: UInt64 = 1
    private var isServiceScheduled = false
    private var isBlocked = false
    /// Whether somebody writes what was handed out; nothing else is until that has gone.
    private var isWriting = false
    /// Whether somebody looks now and then who does not wait any longer.
    private var isPatrolled = false
    /// Whether somebody waits for room.
    private var isRoomWanted = false
    /// Whether an entry left since room was announced last; without one, who was refused would be refused again.
    private var hasShrunk = false
    private var armedTimer: NIODeadline?
    private var wantedTimer: NIODeadline?
    private var lastRead: NIODeadline
    /// When an operation used the connection last.
    private(set) var lastUse: NIODeadline
    /// When anything was sent last.
    private(set) var lastSubmission: NIODeadline
    private(set) var counters = ConnectionCounters()

    /// - Parameters:
    ///   - firstOpaque: Where the opaques begin; random.
    ///   - maximumRequests: How many requests may be without an answer.
    ///   - maximumBytes: How many bytes they may have.
    ///   - usualTimeout: The configured timeout of operations: silence is judged by it, or by the operation's own if
    ///     that is longer, so that one impatient caller does not cost everybody the connection.
    ///   - usualPatience: How long a request usually waits before it is sent again elsewhere; nil for `usualTimeout`.
    ///   - now: The time.
    init(
        firstOpaque: UInt32,
        maximumRequests: Int,
        maximumBytes: Int,
        usualTimeout: TimeAmount = .zero,
        usualPatience: TimeAmount? = nil,
        now: NIODeadline
    ) {
        self.maximumRequests = maximumRequests
        self.maximumBytes = maximumBytes
        self.usualTimeout = usualTimeout
        self.usualPatience = usualPatience ?? usualTimeout
        self.inFlight = InFlightQueue(firstOpaque: firstOpaque)
        self.lastRead = now
        self.lastUse = now
        self.lastSubmission = now
    }

    var requestsInFlight: Int { inFlight.requestCount }
    var tombstonesInFlight: Int { inFlight.tombstoneCount }
    var isClosed: Bool { closedBy != nil }

    // MARK: Going out

    /// Encodes requests and registers who waits for them: the commit point.
    ///
    /// `isUse`: an operation uses the connection; else it is no less idle for it.
    mutating func submit(
        _ requests: some Collection<Request>,
        expecting expectation: Expectation,
        now: NIODeadline,
        deadline: NIODeadline,
        sink: Sink,
        heir: Sink? = nil,
        isUse: Bool = true
    ) -> Submission {
        if let closedBy { return .closed(closedBy) }
        if let drainedBy { return .closed(drainedBy) }
        var byteCount = 0
        for request in requests {
            guard
                request.keyLength <= Int(UInt16.max),
                (request.value?.readableBytes ?? 0) <= Int(UInt32.max) - 131_072
            else { return .tooLarge }
            byteCount += request.byteCount
        }
        guard hasRoom(for: expectation, byteCount: byteCount) else {
            isRoomWanted = true
            return .full
        }
        var opaque = inFlight.upcomingOpaque
        for request in requests {
            // Lengths were checked above, so this cannot fail half way.
            guard outbox.append(request, opaque: opaque) else { return .tooLarge }
            opaque &+= 1
        }
        if case .quiet = expectation, !outbox.append(Request(opcode: .noop), opaque: opaque) { return .tooLarge }
        let ticket = inFlight.append(
            expectation,
            byteCount: byteCount,
            submitted: now,
            deadline: deadline,
            sink: sink,
            heir: heir
        )
        if isUse { lastUse = now }
        return accepted(ticket, now: now, deadline: deadline)
    }

    /// Encodes one request and registers who waits for it.
    ///
    /// As ``submit(_:expecting:now:deadline:sink:heir:isUse:)``, for the usual case.
    mutating func submit(
        _ request: Request,
        now: NIODeadline,
        deadline: NIODeadline,
        sink: Sink,
        heir: Sink? = nil
    ) -> Submission {
        if let closedBy { return .closed(closedBy) }
        if let drainedBy { return .closed(drainedBy) }
        let byteCount = request.byteCount
        guard inFlight.isEmpty || hasRoom(requests: 1, byteCount: byteCount) else {
            isRoomWanted = true
            return .full
        }
        guard outbox.append(request, opaque: inFlight.upcomingOpaque) else { return .tooLarge }
        let ticket = inFlight.append(
            .one(request.opcode),
            byteCount: byteCount,
            submitted: now,
            deadline: deadline,
            sink: sink,
            heir: heir
        )
        lastUse = now
        return accepted(ticket, now: now, deadline: deadline)
    }

    /// Takes opaques for requests that are encoded before they are handed in, outside of the lock.
    ///
    /// - Returns: The first one.
    mutating func reserveOpaques(for expectation: Expectation) -> UInt32 {
        inFlight.reserveOpaques(expectation.opaqueCount)
    }

    /// Registers who waits for requests that are encoded already, with opaques that were reserved.
    mutating func submit(
        _ requests: EncodedRequests,
        now: NIODeadline,
        deadline: NIODeadline,
        sink: Sink
    ) -> Submission {
        if let closedBy { return .closed(closedBy) }
        if let drainedBy { return .closed(drainedBy) }
        guard hasRoom(for: requests.expectation, byteCount: requests.outbox.byteCount) else {
            isRoomWanted = true
            return .full
        }
        outbox.append(requests.outbox)
        let ticket = inFlight.append(
            requests.expectation,
            firstOpaque: requests.firstOpaque,
            byteCount: requests.outbox.byteCount,
            submitted: now,
            deadline: deadline,
            sink: sink
        )
        lastUse = now
        return accepted(ticket, now: now, deadline: deadline)
    }

    private func hasRoom(for expectation: Expectation, byteCount: Int) -> Bool {
        inFlight.isEmpty || hasRoom(requests: Int(expectation.opaqueCount), byteCount: byteCount)
    }

    private func hasRoom(requests: Int, byteCount: Int) -> Bool {
        inFlight.requestCount + requests <= maximumRequests && inFlight.byteCount + byteCount <= maximumBytes
    }

    private mutating func accepted(_ ticket: UInt64, now: NIODeadline, deadline: NIODeadline) -> Submission {
        lastSubmission = now
        var wake = want(timer: deadline)
        if !isBlocked, !isServiceScheduled { wake = true }
        if wake { isServiceScheduled = true }
        return .accepted(ticket: ticket, wake: wake)
    }

    /// Hands a request that nothing is in front of to its own caller to be written, who need not wait for the event loop
    /// to come then.
    ///
    /// To be asked right behind a submission that says to wake the loop, and instead of that.
    ///
    /// - Parameter maximumBytes: What is longer is left to the loop.
    /// - Returns: What to write, before ``finishWriting(_:)``; nil when the loop has to come.
    mutating func takeOnly(maximumBytes: Int) -> ByteBuffer? {
        guard
            !isWriting, !isBlocked, closedBy == nil, inFlight.isSingle,
            let buffer = outbox.takeOnly(maximumBytes: maximumBytes)
        else { return nil }
        isWriting = true
        firstUnsentTicket = inFlight.nextTicket
        return buffer
    }

    /// What ``takeOnly(maximumBytes:)`` handed out has been written.
    ///
    /// - Parameter buffer: Taken for the next batch.
    /// - Returns: Whether the event loop has to come: others have handed in more meanwhile, or a timer is to be set.
    mutating func finishWriting(_ buffer: inout ByteBuffer) -> Bool {
        isWriting = false
        outbox.recycle(&buffer)
        isServiceScheduled = !outbox.isEmpty || wantedTimer != nil || (!isPatrolled && !inFlight.isEmpty)
        return isServiceScheduled
    }

    /// The event loop came: hands out what is to be written.
    ///
    /// - Parameter isWritable: While the channel is not, nothing is handed out; call again when it is.
    /// - Returns: What to write, before ``recycle(_:)``, and when to wake.
    mutating func service(isWritable: Bool) -> Service {
        let isWritable = isWritable && !isWriting
        isServiceScheduled = false
        isBlocked = !isWritable && !outbox.isEmpty
        var service = Service()
        if let wanted = wantedTimer {
            wantedTimer = nil
            armedTimer = wanted
            service.timer = wanted
        }
        if !isPatrolled, !inFlight.isEmpty {
            isPatrolled = true
            service.patrol = patrolPause
        }
        if isWritable, closedBy == nil, !outbox.isEmpty {
            (service.earlier, service.last) = outbox.takeApart()
            firstUnsentTicket = inFlight.nextTicket
            isWriting = true
        }
        return service
    }

    /// What ``service(isWritable:)`` handed out has been written; who has handed in more meanwhile has called the loop.
    ///
    /// - Parameter buffer: Taken for the next batch.
    mutating func recycle(_ buffer: inout ByteBuffer) {
        isWriting = false
        outbox.recycle(&buffer)
    }

    // MARK: Coming in

    /// Notes that bytes came: the server lives.
    mutating func noteRead(at now: NIODeadline) {
        lastRead = now
    }

    /// Finds whom a response is for.
    mutating func match(_ header: ResponseHeader) -> InFlightQueue<Sink>.Match {
        let match = inFlight.match(header)
        switch match {
        case .answer(let sink, _, let last, let late):
            if last { hasShrunk = true }
            // One that an heir gets is late and not dropped.
            counters.lateResponsesDropped += last && late && sink == nil ? 1 : 0
        case .violation:
            counters.poisoned += 1
        }
        return match
    }

    /// Takes a response in that is for the same requests as the one before it, and not the last one of them.
    ///
    /// - Returns: Whether it is; if not, nothing has changed and ``match(_:)`` says what it is.
    mutating func goesOn(_ header: ResponseHeader) -> Bool { inFlight.goesOn(header) }

    /// Notes that the connection ends because its bytes cannot be responses.
    mutating func notePoisoned() {
        counters.poisoned += 1
    }

    /// What the responses left over, to be let go of outside the lock.
    mutating func takeSpent() -> [Sink] { inFlight.takeSpent() }

    /// Whether a response would be dropped, so that its body need not be stored.
    func isForTombstone(_ header: ResponseHeader) -> Bool {
        guard let oldest = inFlight.oldest, oldest.isTombstone, oldest.sink == nil else { return false }
        return header.opaque &- oldest.firstOpaque < oldest.expectation.opaqueCount
    }

    /// How many requests may come now, once half of the room is free; nil if nobody waits for it or it is still full.
    ///
    /// Each announcement takes an answer since the last one, so that a request too long for what is free is not tried
    /// again and again.
    mutating func hasRoomAgain() -> Int? {
        guard
            isRoomWanted, closedBy == nil, hasShrunk || inFlight.isEmpty,
            inFlight.requestCount <= maximumRequests / 2, inFlight.byteCount <= maximumBytes / 2
        else { return nil }
        isRoomWanted = false
        hasShrunk = false
        return max(1, maximumRequests - inFlight.requestCount)
    }

    /// Somebody waits who was refused, or was left over when room was given out.
    ///
    /// - Returns: As ``hasRoomAgain()``: room may have come, and been announced, before anybody waited.
    mutating func waitForRoom() -> Int? {
        isRoomWanted = true
        return hasRoomAgain()
    }

    // MARK: Giving up

    /// Lets nothing in any more; what is in flight may finish.
    ///
    /// - Parameter error: What those are told who come. The first one stays.
    mutating func drain(_ error: MemcachedError = .shutDown) {
        drainedBy = drainedBy ?? error
    }

    /// What those are told who come while the connection drains; nil while it does not.
    var drainReason: MemcachedError? { drainedBy }

    /// Whether the connection was asked to drain and has.
    var isDrained: Bool { drainedBy != nil && inFlight.isEmpty }

    /// The caller went away: makes its entry a tombstone.
    ///
    /// - Returns: Who waited; nil when the answer was faster.
    mutating func abandon(ticket: UInt64) -> Sink? {
        guard let sink = inFlight.abandon(ticket: ticket) else { return nil }
        counters.tombstones += 1
        return sink
    }

    /// Makes tombstones of the entries of those who do not wait any longer.
    ///
    /// - Parameter isGone: Whether somebody does not.
    /// - Returns: Who they were, and when to look again.
    mutating func patrol(for isGone: (Sink) -> Bool) -> Patrol {
        guard !inFlight.isEmpty else {
            isPatrolled = false
            return Patrol()
        }
        let abandoned = inFlight.tickets(where: isGone).compactMap { abandon(ticket: $0) }
        return Patrol(abandoned: abandoned, pause: patrolPause)
    }

    /// The pause between two looks: the more there are to be looked at the longer, so that they take a small part of it.
    private var patrolPause: TimeAmount { .microseconds(5_000 + 2 * Int64(inFlight.requestCount)) }

    /// The timer fired.
    mutating func tick(at now: NIODeadline) -> Tick {
        armedTimer = nil
        guard closedBy == nil else { return Tick() }
        let (expired, next) = inFlight.expire(at: now)
        counters.tombstones += expired.count
        counters.timeouts += expired.count
        // As with silence: judged by the usual time, so that one impatient caller makes nobody go elsewhere.
        let isSuspect = expired.contains {
            now - max($0.submitted, lastRead) >= .nanoseconds(usualPatience.nanoseconds / 8 * 7)
        }
        var tick = Tick(expired: expired.map(\.sink), isSuspect: isSuspect)
        guard let stallsAt else { return tick }
        tick.isStalled = stallsAt <= now
        let timer = min(next ?? stallsAt, stallsAt)
        armedTimer = timer
        tick.timer = timer
        return tick
    }

    /// The connection ends: nothing enters any more, in the same step that takes the last who wait.
    ///
    /// - Parameter error: What later callers are told. A second call changes nothing.
    /// - Returns: Who waited.
    mutating func close(_ error: MemcachedError) -> Ending {
        guard closedBy == nil else { return Ending() }
        closedBy = error
        _ = outbox.take()
        var ending = Ending()
        for (sink, ticket) in inFlight.removeAll() {
            if ticket < firstUnsentTicket {
                ending.unknown.append(sink)
            } else {
                ending.notSent.append(sink)
            }
        }
        ending.spent = inFlight.takeSpent()
        return ending
    }

    /// When the oldest request will have been without an answer, and the connection without a byte, for too long.
    private var stallsAt: NIODeadline? {
        guard let oldest = inFlight.oldest else { return nil }
        let allowed = max(oldest.deadline - oldest.submitted, usualTimeout).nanoseconds
        // The handshake has no deadline: twice as long must not overflow.
        return max(oldest.submitted, lastRead) + max(.nanoseconds(min(allowed, .max / 2) * 2), Self.shortestStall)
    }

    /// Notes when the timer has to fire at the latest.
    ///
    /// - Returns: Whether the event loop has to come to set it.
    private mutating func want(timer deadline: NIODeadline) -> Bool {
        if let armedTimer, armedTimer <= deadline { return false }
        if let wantedTimer, wantedTimer <= deadline { return false }
        wantedTimer = deadline
        return !isServiceScheduled
    }
}
