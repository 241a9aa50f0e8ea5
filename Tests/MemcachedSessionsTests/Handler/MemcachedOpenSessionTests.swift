import Memcached
import NIOCore
import Synchronization
import Testing

@testable import MemcachedSessions

@Suite struct MemcachedOpenSessionTests {
    @Test func `a first visit in PHP's order`() async throws {
        let fixture = try Fixture()
        let session = fixture.handler.open()
        let id = try session.createSID()
        #expect(fixture.cache.log == [])
        #expect(try await session.read(id).readableBytes == 0)
        #expect(fixture.cache.lockCount == 1)
        try await session.write(id, ByteBuffer(string: "count|i:1;"))
        #expect(fixture.cache.text(id) == "count|i:1;")
        await session.close()
        #expect(
            fixture.cache.log == ["ADD lock.\(id)", "GETK \(id)", "ADD \(id)", "DELETE+CAS lock.\(id)"]
        )
    }

    @Test func `a second visit in PHP's order, written twice`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        let session = fixture.handler.open()
        #expect(try await session.validateSID(Fixture.id))
        #expect(try await session.read(Fixture.id).text == "count|i:1;")
        try await session.write(Fixture.id, ByteBuffer(string: "count|i:2;"))
        try await session.write(Fixture.id, ByteBuffer(string: "count|i:3;"))
        #expect(fixture.stored == "count|i:3;")
        #expect(fixture.cache.lockCount == 1)
        await session.close()
        #expect(fixture.cache.lockCount == 0)
        #expect(fixture.cache.log.count { $0 == "REPLACE \(Fixture.id)" } == 2)
    }

    @Test func `an unchanged session gets a new timestamp`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        try await session.updateTimestamp(Fixture.id)
        #expect(fixture.cache.items[Fixture.id]?.expiration == .after(.seconds(1_440)))
        fixture.cache.remove(Fixture.id)
        let error = await sessionError { try await session.updateTimestamp(Fixture.id) }
        #expect(error?.code == .lost)
        await session.close()
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `destroy deletes session and lock, read before or not`() async throws {
        for isRead in [true, false] {
            let fixture = try Fixture()
            fixture.store("count|i:1;")
            let session = fixture.handler.open()
            if isRead { _ = try await session.read(Fixture.id) }
            try await session.destroy(Fixture.id)
            #expect(fixture.cache.items.isEmpty)
            #expect(fixture.cache.log.first == "ADD \(Fixture.lockKey)")
            await session.close()
        }
    }

    @Test func `ids are validated without being burnt`() async throws {
        let fixture = try Fixture()
        let session = fixture.handler.open()
        #expect(try await !session.validateSID(Fixture.id))
        #expect(fixture.cache.log == ["GETK \(Fixture.id)"])
        #expect(try await !session.validateSID("lock." + Fixture.id))
        #expect(fixture.cache.log.count == 1)
        fixture.cache.inject("GETK", .fail(.outage))
        #expect(await sessionError { try await session.validateSID(Fixture.id) }?.code == .unavailable)
    }

    @Test func `strict mode stores nothing under an id that it did not make`() async throws {
        let fixture = try Fixture()
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        let error = await sessionError { try await session.write(Fixture.id, ByteBuffer(string: "x")) }
        #expect(error?.code == .unknownID)
        await session.close()
        #expect(fixture.cache.items.isEmpty)

        let lax = try Fixture { $0.isStrict = false }
        let adopted = lax.handler.open()
        _ = try await adopted.read(Fixture.id)
        try await adopted.write(Fixture.id, ByteBuffer(string: "x"))
        await adopted.close()
        #expect(lax.stored == "x")
    }

    @Test func `a session read again is read under the lock that is held`() async throws {
        let fixture = try Fixture()
        fixture.store("1")
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        fixture.store("2")
        #expect(try await session.read(Fixture.id).text == "2")
        try await session.write(Fixture.id, ByteBuffer(string: "3"))
        await session.close()
        #expect(fixture.stored == "3")
        #expect(fixture.cache.log.count { $0.hasPrefix("ADD") } == 1)
    }

    @Test func `what was not read is neither written nor touched, and what is no id not read`() async throws {
        let fixture = try Fixture()
        let session = fixture.handler.open()
        #expect(await sessionError { try await session.write(Fixture.id, ByteBuffer()) }?.code == .notRead)
        #expect(await sessionError { try await session.updateTimestamp(Fixture.id) }?.code == .notRead)
        #expect(await sessionError { try await session.read("lock.\(Fixture.id)") }?.code == .invalidID)
        #expect(await sessionError { try await session.destroy("short") }?.code == .invalidID)
        #expect(session.gc() == 0)
        #expect(fixture.cache.log == [])
    }

    @Test func `a handle is of no use once it is closed`() async throws {
        let fixture = try Fixture()
        let session = fixture.handler.open()
        await session.close()
        #expect(await sessionError { try await session.read(Fixture.id) }?.code == .ended)
        #expect(await sessionError { try session.createSID() }?.code == .ended)
        #expect(await sessionError { try await session.destroy(Fixture.id) }?.code == .ended)
        await session.close()
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `a handle that is dropped gives its lock back`() async throws {
        let fixture = try Fixture()
        fixture.store("1")
        do {
            let session = fixture.handler.open()
            _ = try await session.read(Fixture.id)
        }
        #expect(await eventually { fixture.cache.lockCount == 0 })
        #expect(await eventually { fixture.handler.core.queue.withLock { $0.isEmpty } })
    }

    @Test func `size and conflicts are errors here too`() async throws {
        let fixture = try Fixture { $0.maximumBytes = 60 }
        fixture.store("1")
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        let large = ByteBuffer(repeating: 0, count: 20)
        #expect(await sessionError { try await session.write(Fixture.id, large) }?.code == .tooLarge)
        fixture.store("2")
        #expect(
            await sessionError { try await session.write(Fixture.id, ByteBuffer(string: "3")) }?.code == .conflict
        )
        await session.close()
        #expect(fixture.stored == "2")
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `read-only takes no lock, waits for none and permits no write`() async throws {
        let fixture = try Fixture()
        fixture.store("count|i:1;")
        fixture.cache.put(Fixture.lockKey, "another")
        let session = fixture.handler.open()
        #expect(try await session.readOnly(Fixture.id).text == "count|i:1;")
        #expect(fixture.cache.log == ["GETK \(Fixture.id)"])
        #expect(await sessionError { try await session.write(Fixture.id, ByteBuffer()) }?.code == .notRead)
        fixture.cache.remove(Fixture.id)
        #expect(try await session.readOnly(Fixture.id).readableBytes == 0)
        #expect(await sessionError { try await session.readOnly("lock.\(Fixture.id)") }?.code == .invalidID)
        await session.close()
        #expect(await sessionError { try await session.readOnly(Fixture.id) }?.code == .ended)
        #expect(fixture.cache.text(Fixture.lockKey) == "another")
    }

    @Test(arguments: ["REPLACE", "TOUCH"])
    func `cancelling the caller does not tear a write apart`(verb: String) async throws {
        let fixture = try Fixture()
        fixture.store("1")
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        let gate = Gate()
        fixture.cache.inject("\(verb) \(Fixture.id)", .hold(gate, failing: .cut))
        let task = Task {
            await sessionError {
                if verb == "TOUCH" {
                    try await session.updateTimestamp(Fixture.id)
                } else {
                    try await session.write(Fixture.id, ByteBuffer(string: "2"))
                }
            }
        }
        #expect(await eventually { gate.isWaiting })
        task.cancel()
        gate.open()
        #expect(await task.value == nil)
        #expect(fixture.stored == (verb == "TOUCH" ? "1" : "2"))
        await session.close()
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `who is cancelled already writes nothing`() async throws {
        let fixture = try Fixture()
        fixture.store("1")
        let session = fixture.handler.open()
        _ = try await session.read(Fixture.id)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return [
                await sessionError { try await session.write(Fixture.id, ByteBuffer(string: "2")) },
                await sessionError { try await session.updateTimestamp(Fixture.id) },
            ]
        }
        #expect(await task.value.map(\.?.code) == [.cancelled, .cancelled])
        #expect(fixture.stored == "1")
        #expect(!fixture.cache.log.contains { $0.hasPrefix("TOUCH") })
        await session.close()
    }

    @Test func `an id is welcome until its session was destroyed or got another one`() async throws {
        let fixture = try Fixture()
        for isRenamed in [false, true] {
            let session = fixture.handler.open()
            let id = try session.createSID()
            _ = try await session.read(id)
            try await session.write(id, ByteBuffer(string: "1"))
            if isRenamed {
                _ = try await session.regenerate(id, ByteBuffer(string: "1"))
            } else {
                try await session.destroy(id)
            }
            #expect(try await session.read(id).readableBytes == 0)
            #expect(await sessionError { try await session.write(id, ByteBuffer(string: "2")) }?.code == .unknownID)
            await session.close()
            #expect(fixture.cache.text(id) == nil)
        }
    }
}
