import Memcached
import NIOCore
import Testing

@testable import MemcachedSessions

@Suite struct SessionWriteTests {
    /// A step as text, so that it can be compared.
    static func word(_ step: SessionWrite.Step) -> String {
        switch step {
        case .done(let cas): cas.map { "done \($0.rawValue)" } ?? "done"
        case .fail(let error): "\(error.code) \(error.outcome.rawValue)"
        case .read: "read"
        case .send: "send"
        }
    }

    static let new = ByteBuffer(string: "new")
    static let old = ByteBuffer(string: "old")

    static func cas(_ number: UInt64) throws -> MemcachedCAS { try #require(MemcachedCAS(rawValue: number)) }

    static func write(_ kind: SessionWrite.Kind, sends: Int = 1) -> SessionWrite {
        var write = SessionWrite(kind)
        for _ in 0..<sends { _ = write.command("key", .never) }
        return write
    }

    static func error(_ code: MemcachedError.Code, _ outcome: MemcachedError.Outcome) -> MemcachedError {
        MemcachedError(code, "", outcome: outcome)
    }

    @Test func `nothing is ever set unconditionally`() throws {
        var create = SessionWrite(.create(Self.new))
        guard case .add(_, Self.new, 0, .never) = create.command("key", .never) else {
            Issue.record("a new session is added")
            return
        }
        var replace = SessionWrite(.replace(Self.new, try Self.cas(7)))
        guard case .replace(_, Self.new, 0, .never, let cas) = replace.command("key", .never), cas?.rawValue == 7 else {
            Issue.record("a stored session is replaced on condition of its CAS")
            return
        }
    }

    @Test func `answers to a first sending`() throws {
        let replace = Self.write(.replace(Self.new, try Self.cas(7)))
        #expect(Self.word(replace.answered(.success(.store(.stored(try Self.cas(8)))))) == "done 8")
        #expect(Self.word(replace.answered(.success(.store(.exists)))) == "conflict rejected")
        #expect(Self.word(replace.answered(.success(.store(.notFound)))) == "lost rejected")
        #expect(Self.word(replace.answered(.success(.store(.notStored)))) == "conflict rejected")
        let create = Self.write(.create(Self.new))
        #expect(Self.word(create.answered(.success(.store(.exists)))) == "conflict rejected")
        let touch = Self.write(.touch)
        #expect(Self.word(touch.answered(.success(.touched(true)))) == "done")
        #expect(Self.word(touch.answered(.success(.touched(false)))) == "lost rejected")
        let delete = Self.write(.delete(try Self.cas(7)))
        #expect(Self.word(delete.answered(.success(.delete(.deleted)))) == "done")
        #expect(Self.word(delete.answered(.success(.delete(.exists)))) == "conflict rejected")
        #expect(Self.word(delete.answered(.success(.delete(.notFound)))) == "lost rejected")
        #expect(Self.word(Self.write(.delete(nil)).answered(.success(.delete(.notFound)))) == "done")
        #expect(Self.word(touch.answered(.success(.item(nil)))) == "unavailable unknown")
    }

    @Test func `a lost answer is decided by reading, never by sending again`() throws {
        for kind in [
            SessionWrite.Kind.create(Self.new), .replace(Self.new, try Self.cas(7)), .touch, .delete(nil),
            .delete(try Self.cas(7)),
        ] {
            let write = Self.write(kind)
            #expect(Self.word(write.answered(.failure(Self.error(.connectionLost, .unknown)))) == "read")
            #expect(Self.word(write.answered(.failure(Self.error(.timeout, .unknown)))) == "read")
            #expect(
                Self.word(write.answered(.failure(Self.error(.connectionFailed, .notSent)))) == "unavailable notSent"
            )
            #expect(Self.word(write.answered(.failure(Self.error(.valueTooLarge, .rejected)))) == "tooLarge rejected")
            #expect(Self.word(write.answered(.failure(Self.error(.outOfMemory, .rejected)))) == "unavailable rejected")
            #expect(Self.word(write.answered(.failure(Self.error(.notPermitted, .rejected)))) == "refused rejected")
        }
    }

    @Test func `refusals of a second sending may be its own doing`() throws {
        #expect(Self.word(Self.write(.create(Self.new), sends: 2).answered(.success(.store(.exists)))) == "read")
        let replace = Self.write(.replace(Self.new, try Self.cas(7)), sends: 2)
        #expect(Self.word(replace.answered(.success(.store(.exists)))) == "read")
        let delete = Self.write(.delete(try Self.cas(7)), sends: 2)
        #expect(Self.word(delete.answered(.success(.delete(.notFound)))) == "done")
    }

    @Test func `what is found decides`() throws {
        let mine = MemcachedItem(value: Self.new, cas: try Self.cas(8))
        let before = MemcachedItem(value: Self.old, cas: try Self.cas(7))
        let another = MemcachedItem(value: Self.old, cas: try Self.cas(9))

        let create = Self.write(.create(Self.new))
        #expect(Self.word(create.found(nil)) == "send")
        #expect(Self.word(create.found(mine)) == "done 8")
        #expect(Self.word(create.found(another)) == "conflict rejected")

        let replace = Self.write(.replace(Self.new, try Self.cas(7)))
        #expect(Self.word(replace.found(nil)) == "lost rejected")
        #expect(Self.word(replace.found(before)) == "send")
        #expect(Self.word(replace.found(mine)) == "done 8")
        #expect(Self.word(replace.found(another)) == "conflict rejected")

        let touch = Self.write(.touch)
        #expect(Self.word(touch.found(nil)) == "lost rejected")
        #expect(Self.word(touch.found(before)) == "send")

        let delete = Self.write(.delete(try Self.cas(7)))
        #expect(Self.word(delete.found(nil)) == "done")
        #expect(Self.word(delete.found(before)) == "send")
        #expect(Self.word(delete.found(another)) == "conflict rejected")
        #expect(Self.word(Self.write(.delete(nil)).found(another)) == "send")
    }

    @Test func `nothing is sent more than three times`() throws {
        let before = MemcachedItem(value: Self.old, cas: try Self.cas(7))
        #expect(Self.word(Self.write(.replace(Self.new, try Self.cas(7)), sends: 2).found(before)) == "send")
        #expect(
            Self.word(Self.write(.replace(Self.new, try Self.cas(7)), sends: 3).found(before)) == "unavailable unknown"
        )
    }
}
