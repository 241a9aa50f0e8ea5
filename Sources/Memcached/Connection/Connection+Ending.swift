import MemcachedWire
import NIOCore
import Synchronization

/// How a connection ends, is kept from ending, or finds out that it has.
extension Connection {
    /// Somebody waits for room: how many requests fit now; nil when the observer will be told.
    func waitForRoom() -> Int? {
        pipeline.withLock { $0.waitForRoom() }
    }

    /// Lets nothing in any more, and closes when what is in flight has been answered or `patience` is over.
    ///
    /// - Parameters:
    ///   - patience: How long to wait for answers.
    ///   - error: What those are told who come while it drains.
    func drain(within patience: Duration, _ error: MemcachedError = .shutDown) async {
        beginDraining(within: patience, error)
        // A close future fails only where closing does, and then the socket is gone as well.
        try? await channel.closeFuture.get()
    }

    /// As ``drain(within:_:)``, without waiting for the end.
    func beginDraining(within patience: Duration, _ error: MemcachedError) {
        let isDrained = pipeline.withLock { pipeline in
            pipeline.drain(error)
            return pipeline.isDrained
        }
        channel.eventLoop.execute {
            if isDrained { return self.quit() }
            // Ends with the connection at the latest: ending twice changes nothing.
            self.channel.eventLoop.scheduleTask(in: TimeAmount(clamping: patience)) { self.end(error) }
        }
    }

    /// Sends a NOOP that nobody waits for: what stands between here and the server sees that the connection is alive,
    /// and if it is not, the silence is found out.
    func sendKeepAlive(patience: TimeAmount) {
        let now = NIODeadline.now()
        let submission = pipeline.withLock { pipeline in
            let submission = pipeline.submit(
                CollectionOfOne(Request(opcode: .noop)),
                expecting: .one(.noop),
                now: now,
                deadline: now + patience,
                sink: .late(LateSink { _, _ in nil }),
                isUse: false
            )
            loadMark.store(pipeline.requestsInFlight, ordering: .relaxed)
            return submission
        }
        if case .accepted(_, true) = submission { wakeUp() }
    }

    /// Takes leave of the server (QUITQ), and closes.
    ///
    /// On the event loop.
    func quit() {
        var outbox = Outbox()
        if outbox.append(Request(opcode: .quitQuiet), opaque: 0) {
            for buffer in outbox.take() { channel.writeAndFlush(buffer, promise: nil) }
        }
        end(pipeline.withLock { $0.drainReason } ?? .shutDown)
    }

    /// Closes the connection and the socket: what it delivers cannot be trusted.
    func poison(_ error: MemcachedError) {
        notePoisoned()
        end(error)
    }

    /// Closes the connection and the socket.
    func end(_ error: MemcachedError) {
        close(error)
        channel.close(promise: nil)
    }

    /// The socket is gone or going: fails everyone who waits, and lets nobody in any more.
    func close(_ error: MemcachedError) {
        let error = error.with(server: serverLabel)
        let (ending, isFirst) = pipeline.withLock { pipeline in
            let isFirst = !pipeline.isClosed
            loadMark.store(0, ordering: .relaxed)
            return (pipeline.close(error), isFirst)
        }
        guard isFirst else { return }
        // What the server refused as a whole (too many connections, not a memcached) was not carried out.
        let outcome: MemcachedError.Outcome = error.outcome == .rejected ? .rejected : .unknown
        let unknown = error.with(outcome: outcome)
        for sink in ending.unknown { sink.fail(unknown) }
        let notSent = error.with(outcome: .notSent)
        for sink in ending.notSent { sink.fail(notSent) }
        observer.didClose(self, error)
    }
}
