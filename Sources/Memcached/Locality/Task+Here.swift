import NIOPosix
import Tracing

extension Task where Failure == Never {
    /// A detached task that begins at once, and goes on where the calling task runs.
    ///
    /// A task inside ``MemcachedClient/withLocalExecutor(_:)`` stays on its event loop that way. For what has to be done
    /// whatever becomes of the caller, who waits for it: on another thread each of its steps would wait for that one to
    /// wake up. Spans in it are children of the caller's.
    ///
    /// - Parameter operation: What to do.
    /// - Returns: The task.
    package static func detachedHere(_ operation: @escaping @Sendable () async -> Success) -> Task<Success, Never> {
        let executor = LoopExecutor.ofCurrentTask
        let context = ServiceContext.current
        let work = { @Sendable () async -> Success in
            guard let context else { return await operation() }
            return await ServiceContext.$current.withValue(context) { await operation() }
        }
        #if compiler(>=6.2)
        if #available(macOS 26.0, iOS 26.0, watchOS 26.0, tvOS 26.0, visionOS 26.0, *) {
            return Task.immediateDetached(executorPreference: executor) { await work() }
        }
        #endif
        return Task.detached(executorPreference: executor) { await work() }
    }
}

extension LoopExecutor {
    /// The executor that the calling task prefers, if it is one of an event loop and this runs there.
    fileprivate static var ofCurrentTask: LoopExecutor? {
        guard
            let eventLoop = MultiThreadedEventLoopGroup.currentEventLoop,
            let preferred = withUnsafeCurrentTask(body: { $0?.unownedTaskExecutor })
        else { return nil }
        let executor = LoopExecutor.of(eventLoop)
        return preferred == executor.asUnownedTaskExecutor() ? executor : nil
    }
}
