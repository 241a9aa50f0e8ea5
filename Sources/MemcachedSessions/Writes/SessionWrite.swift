import Memcached
import NIOCore

/// One change of a stored session, and what its answers mean.
///
/// Plain data without I/O.
///
/// What exists is replaced on condition of its CAS and what is new is added; nothing is ever set unconditionally. An
/// answer that was lost is decided by reading the session, never by sending again blindly.
struct SessionWrite: Sendable {
    /// What is to be done.
    enum Kind: Sendable {
        /// A session that does not exist yet.
        case create(ByteBuffer)
        /// One that was read with this CAS; nil on a server that keeps none.
        case replace(ByteBuffer, MemcachedCAS?)
        /// An unchanged one, to prolong it.
        case touch
        /// One that was read with this CAS, to be read for so long and not to be used otherwise; with these flags.
        case retire(ByteBuffer, MemcachedCAS?, flags: UInt32, Duration)
        /// One that was read with this CAS, to delete it; nil to delete it whatever it is.
        case delete(MemcachedCAS?)
    }

    /// What to do after an answer.
    enum Step {
        /// Done; the session's CAS if it is known.
        case done(MemcachedCAS?)
        case fail(MemcachedSessionError)
        /// What became of it is not known: make sure of the lock, read the session and pass it to ``SessionWrite/found(_:)``.
        case read
        /// It was not done: send it again.
        case send
    }

    /// How often something is sent in all.
    private static let maximumSends = 3

    let kind: Kind
    private var sends = 0

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// Whether doing it without the lock could undo what another request did; prolonging a life cannot.
    var needsLock: Bool {
        if case .touch = kind { false } else { true }
    }

    /// Whether a request that got the lock before it was given back could undo it afterwards.
    ///
    /// A delete on condition of a CAS is that of a session that got a new id. It proves that nobody had changed the
    /// session, and what is stored again under the old id knows nothing of what the new one holds.
    var needsLockToTheEnd: Bool {
        if case .delete(.some) = kind { false } else { needsLock }
    }

    /// Whether it has been sent before, so that "exists" or "not found" may be its own doing.
    private var isRepeated: Bool { sends > 1 }

    /// The command to send.
    mutating func command(_ key: MemcachedKey, _ expiration: MemcachedExpiration) -> MemcachedCommand {
        sends += 1
        switch kind {
        case .create(let bytes): return .add(key, bytes, flags: 0, expiration)
        case .replace(let bytes, let cas): return .replace(key, bytes, flags: 0, expiration, ifUnchangedSince: cas)
        case .retire(let bytes, let cas, let flags, let grace):
            return .replace(key, bytes, flags: flags, .after(grace), ifUnchangedSince: cas)
        case .touch: return .touch(key, expiration)
        case .delete(let cas): return .delete(key, ifUnchangedSince: cas)
        }
    }

    /// The command was answered, or was not.
    func answered(_ answer: Result<MemcachedReply, MemcachedError>) -> Step {
        switch answer {
        case .failure(let error) where error.outcome == .unknown: return .read
        case .failure(let error): return .fail(MemcachedSessionError(error))
        case .success(.store(.stored(let cas))): return .done(cas)
        case .success(.store(.exists)): return isRepeated ? .read : .fail(.conflict)
        case .success(.store(.notFound)), .success(.touched(false)): return .fail(.lost)
        case .success(.store(.notStored)): return .fail(.conflict)
        case .success(.touched(true)), .success(.delete(.deleted)): return .done(nil)
        case .success(.delete(.exists)): return .fail(.conflict)
        case .success(.delete(.notFound)):
            if case .delete(nil) = kind { return .done(nil) }
            return isRepeated ? .done(nil) : .fail(.lost)
        case .success(.item): return .fail(MemcachedSessionError(MemcachedReply.unexpected))
        }
    }

    /// The session was read, to see what became of the write.
    func found(_ item: MemcachedItem?) -> Step {
        switch (kind, item) {
        case (.create, nil), (.touch, .some), (.delete(nil), .some): return again
        case (.create(let bytes), let item?): return item.value == bytes ? .done(item.cas) : .fail(.conflict)
        case (.replace, nil), (.retire, nil), (.touch, nil): return .fail(.lost)
        case (.retire(_, let cas, let flags, _), let item?):
            if item.cas == cas, cas != nil || item.flags != flags { return again }
            return item.flags == flags ? .done(item.cas) : .fail(.conflict)
        case (.replace(let bytes, let cas), let item?):
            // Without a CAS an old value cannot be told from another's.
            if item.cas == cas, cas != nil || item.value != bytes { return again }
            return item.value == bytes ? .done(item.cas) : .fail(.conflict)
        case (.delete, nil): return .done(nil)
        case (.delete(let cas?), let item?): return item.cas == cas ? again : .fail(.conflict)
        }
    }

    private var again: Step {
        sends < Self.maximumSends ? .send : .fail(.unavailableAfterWrite(nil))
    }
}

extension SessionWrite.Kind {
    /// Whether the session is not to be used under its id any more, so that no copy may bring it back.
    var endsSession: Bool {
        switch self {
        case .delete, .retire: true
        case .create, .replace, .touch: false
        }
    }
}
