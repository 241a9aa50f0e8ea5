import NIOCore
import NIOPosix
import Synchronization

/// Runs tasks on one event loop, for as long as that loop runs.
///
/// Jobs that come while others wait, or while the loop is at work, run together in one turn of the loop. When the loop
/// is shut down under its tasks they go on elsewhere, so that none is lost: see ``LoopWatch``.
final class LoopExecutor: TaskExecutor {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        /// Storage to be used again.
        var spare: [UnownedJob] = []
        /// Whether the loop has been asked to come.
        var isCalled = false
        /// Whether the loop takes nothing any more.
        var isOver = false
    }

    /// What belongs to the turn of the loop in which jobs run.
    private struct Turn {
        var isRunning = false
        /// Connections on which the jobs have left requests.
        var connections: [Connection] = []
        /// Those whose requests have been written.
        private(set) var served: [Connection] = []
        /// To be read into.
        private var buffer = ByteBuffer()

        /// Takes the connections over; requests that come from here on are served in another turn.
        mutating func beginServing() {
            served.removeAll(keepingCapacity: true)
            swap(&served, &connections)
        }

        mutating func forgetServed() { served.removeAll(keepingCapacity: true) }

        mutating func takeBuffer() -> ByteBuffer {
            if buffer.capacity == 0 { return ByteBufferAllocator().buffer(capacity: LoopExecutor.bufferBytes) }
            var taken = ByteBuffer()
            swap(&taken, &buffer)
            return taken
        }

        mutating func giveBack(_ buffer: consuming ByteBuffer) { self.buffer = buffer }
    }

    /// Answers that are longer are read by their channel.
    private static let bufferBytes = 16_384

    let eventLoop: any EventLoop
    private let inbox = Mutex(Inbox())
    /// What is going on in this turn of the loop.
    ///
    /// Touched on the event loop only: ``isRunningJobs`` asks where it is first, and everything else is a callback of the
    /// loop. None of them touches it while another one, further up, changes it: all changes are single steps in here.
    @exclusivity(unchecked)
    private nonisolated(unsafe) var turn = Turn()

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Whether this runs in a job on the loop.
    var isRunningJobs: Bool { eventLoop.inEventLoop && turn.isRunning }

    /// Whether this runs in a job on the loop; then the connection is served when the jobs of this turn have run.
    func servesAfterJobs(_ connection: Connection) -> Bool {
        guard isRunningJobs else { return false }
        turn.connections.append(connection)
        return true
    }

    /// Does something that makes jobs ready, and runs these in the same turn of the loop.
    ///
    /// On the event loop.
    func runningJobs<Result>(after body: () -> Result) -> Result {
        let isFirst = inbox.withLock { inbox in
            if inbox.isCalled || inbox.isOver { return false }
            inbox.isCalled = true
            return true
        }
        let result = body()
        if isFirst { run() }
        return result
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let (isOver, isFirst) = inbox.withLock { inbox in
            if inbox.isOver { return (true, false) }
            inbox.jobs.append(job)
            let isFirst = !inbox.isCalled
            inbox.isCalled = true
            return (false, isFirst)
        }
        if isOver { return Self.runElsewhere([job]) }
        if isFirst { eventLoop.execute(run) }
    }

    /// Runs what has gathered, writes what it leaves on connections, and goes on with what comes of that at once.
    ///
    /// On the event loop. What the jobs add themselves has its turn after what came meanwhile from the network.
    @Sendable private func run() {
        for round in 1...Self.mostRounds {
            runJobs()
            // Others on this loop have their turn.
            guard serve(), round < Self.mostRounds, readAhead() else { break }
        }
        forgetServed()
    }

    private func runJobs() {
        var jobs = inbox.withLock { inbox in
            inbox.isCalled = false
            var jobs = inbox.spare
            inbox.spare = []
            swap(&jobs, &inbox.jobs)
            return jobs
        }
        guard !jobs.isEmpty else { return inbox.withLock { $0.spare = jobs } }
        let executor = asUnownedTaskExecutor()
        turn.isRunning = true
        for job in jobs { job.runSynchronously(on: executor) }
        turn.isRunning = false
        jobs.removeAll(keepingCapacity: jobs.capacity <= Self.largestSpare)
        inbox.withLock { $0.spare = jobs }
    }

    /// Writes what the jobs have left on connections.
    ///
    /// - Returns: Whether there was anything.
    private func serve() -> Bool {
        turn.beginServing()
        for connection in turn.served { connection.service() }
        return !turn.served.isEmpty
    }

    /// Looks whether what was written has been answered already.
    ///
    /// - Returns: Whether jobs may be ready that nobody else runs.
    private func readAhead() -> Bool {
        let isFirst = inbox.withLock { inbox in
            if inbox.isCalled || inbox.isOver { return false }
            inbox.isCalled = true
            return true
        }
        var buffer = turn.takeBuffer()
        for connection in turn.served { connection.readAhead(into: &buffer) }
        turn.giveBack(buffer)
        return isFirst
    }

    private func forgetServed() { turn.forgetServed() }

    /// Storage for more jobs than this is let go of.
    private static let largestSpare = 1_024
    /// How often jobs run, one after the other, before the loop looks at everything again.
    private static let mostRounds = 16

    /// The loop has ended or is about to: what waits runs elsewhere, and what comes later too.
    private func end() {
        let jobs = inbox.withLock { inbox in
            inbox.isOver = true
            defer { inbox.jobs = [] }
            return inbox.jobs
        }
        Self.runElsewhere(jobs)
    }

    private static func runElsewhere(_ jobs: [UnownedJob]) {
        for job in jobs { globalConcurrentExecutor.enqueue(ExecutorJob(job)) }
    }
}

// MARK: One for each loop

extension LoopExecutor {
    /// The executors of the loops that run; one for each loop, so that code which is nested stays where it is.
    private static let all = Mutex<[ObjectIdentifier: LoopExecutor]>([:])

    /// The executor of a loop.
    static func of(_ eventLoop: any EventLoop) -> LoopExecutor {
        let id = ObjectIdentifier(eventLoop)
        let (executor, isNew) = all.withLock { all in
            if let executor = all[id] { return (executor, false) }
            let executor = LoopExecutor(eventLoop)
            all[id] = executor
            return (executor, true)
        }
        if isNew {
            eventLoop.execute { LoopWatch.begin(on: eventLoop) { executor.forget() } }
        }
        return executor
    }

    private func forget() {
        Self.all.withLock { all in
            let id = ObjectIdentifier(eventLoop)
            if all[id] === self { all[id] = nil }
        }
        end()
    }
}

/// Tells when an event loop is shut down: a callback that lies far in the future is cancelled then, and not before.
private final class LoopWatch: NIOScheduledCallbackHandler, Sendable {
    private static let period = TimeAmount.hours(24)
    private let ended: @Sendable () -> Void

    private init(_ ended: @escaping @Sendable () -> Void) {
        self.ended = ended
    }

    /// On the event loop, which holds on to it.
    static func begin(on eventLoop: any EventLoop, _ ended: @escaping @Sendable () -> Void) {
        LoopWatch(ended).watch(eventLoop)
    }

    private func watch(_ eventLoop: any EventLoop) {
        do {
            try eventLoop.scheduleCallback(in: Self.period, handler: self)
        } catch {
            ended()
        }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) { watch(eventLoop) }

    func didCancelScheduledCallback(eventLoop: some EventLoop) { ended() }
}
