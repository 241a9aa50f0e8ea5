import NIOCore

/// One timer on an event loop that can be moved forward.
///
/// `@unchecked Sendable`: its state is touched on its event loop only. Both owners keep it in a box bound to that loop,
/// the loop itself calls ``handleScheduledCallback(eventLoop:)``, and ``arm(at:)`` asserts it.
final class DeadlineTimer: NIOScheduledCallbackHandler, @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let fire: () -> Void
    private var scheduled: NIOScheduledCallback?
    private var instant: NIODeadline?

    /// - Parameters:
    ///   - eventLoop: The loop that this timer lives on.
    ///   - fire: Called on the loop when the time has come.
    init(eventLoop: any EventLoop, fire: @escaping () -> Void) {
        self.eventLoop = eventLoop
        self.fire = fire
    }

    /// Sets the timer, unless it fires earlier anyway.
    func arm(at deadline: NIODeadline) {
        eventLoop.assertInEventLoop()
        if let instant, instant <= deadline { return }
        scheduled?.cancel()
        instant = deadline
        // A loop that has been shut down takes no callbacks; its channels are closed by then.
        scheduled = try? eventLoop.scheduleCallback(at: deadline, handler: self)
    }

    /// Fires no more.
    func cancel() {
        eventLoop.assertInEventLoop()
        scheduled?.cancel()
        scheduled = nil
        instant = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        scheduled = nil
        instant = nil
        fire()
    }
}
