import Synchronization

/// A task that waits for a response, to be asked whether it has been cancelled.
///
/// `@unchecked Sendable`: `UnsafeCurrentTask.isCancelled` may be read from anywhere for as long as the task lives. A task
/// that is suspended lives; who holds one of these beside the task's continuation lets go of both at once, and asks under
/// the lock under which it would, so nobody asks of a task that has been resumed.
struct SuspendedTask: @unchecked Sendable {
    /// The one reference that `UnsafeCurrentTask` consists of, which `unsafeBitCast` checks; not retained, as above.
    ///
    /// That type itself has no fixed layout for the compiler, so each copy of a sink would be a call of the runtime.
    private let task: UnsafeRawPointer?

    /// Whether a continuation has been found to consist of a reference to its task, as in every Swift so far.
    ///
    /// Looked at once, because it is a matter of the runtime and not of the task; nothing is taken for granted before.
    private static let areContinuationsTasks = Atomic<Bool>(false)

    /// The task that this is called in, which waits for a continuation or is about to.
    init<Value>(of continuation: UnsafeContinuation<Value, Never>) {
        #if !THREAD_SANITIZER
        // The cast checks that both have one size. Under the thread sanitizer it is another type: `FencedContinuation`.
        let address = UInt(bitPattern: unsafeBitCast(continuation, to: UnsafeRawPointer.self))
        if Self.areContinuationsTasks.load(ordering: .relaxed) {
            task = UnsafeRawPointer(bitPattern: address)
            return
        }
        #endif
        // Ten times as slow: it has the type of an optional looked up by the runtime each time.
        let current = withUnsafeCurrentTask { task -> UInt in
            guard let task else { return 0 }
            return UInt(bitPattern: unsafeBitCast(task, to: UnsafeRawPointer.self))
        }
        #if !THREAD_SANITIZER
        if current == address { Self.areContinuationsTasks.store(true, ordering: .relaxed) }
        #endif
        task = UnsafeRawPointer(bitPattern: current)
    }

    private init(task: UnsafeRawPointer?) {
        self.task = task
    }

    /// No task, which is never cancelled.
    static let none = SuspendedTask(task: nil)

    var isCancelled: Bool {
        guard let task else { return false }
        return unsafeBitCast(task, to: UnsafeCurrentTask.self).isCancelled
    }
}
