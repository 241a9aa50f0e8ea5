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

    /// The task that this is called in, which is about to be suspended.
    static var current: SuspendedTask {
        SuspendedTask(
            task: withUnsafeCurrentTask { task in
                task.map { unsafeBitCast($0, to: UnsafeRawPointer.self) }
            }
        )
    }

    /// No task, which is never cancelled.
    static let none = SuspendedTask(task: nil)

    var isCancelled: Bool {
        guard let task else { return false }
        return unsafeBitCast(task, to: UnsafeCurrentTask.self).isCancelled
    }
}
