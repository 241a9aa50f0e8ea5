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

    let eventLoop: any EventLoop
    private let inbox = Mutex(Inbox())

    private init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
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

    /// Runs what has gathered.
    ///
    /// On the event loop. What the jobs add themselves has its turn after what came meanwhile from the network.
    @Sendable private func run() {
        var jobs = inbox.withLock { inbox in
            inbox.isCalled = false
            var jobs = inbox.spare
            inbox.spare = []
            swap(&jobs, &inbox.jobs)
            return jobs
        }
        let executor = asUnownedTaskExecutor()
        for job in jobs { job.runSynchronously(on: executor) }
        jobs.removeAll(keepingCapacity: jobs.capacity <= Self.largestSpare)
        inbox.withLock { $0.spare = jobs }
    }

    /// Storage for more jobs than this is let go of.
    private static let largestSpare = 1_024

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
