import Memcached
import Testing

@testable import MemcachedSessions

@Suite struct ConflictTests {
    @Test func `retrying runs the closure again with what the other stored`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":1}"#)
        var runs = 0
        let outcome = try await fixture.handler.withSession(id: Fixture.id, onConflict: .retrying) { session in
            runs += 1
            // As PHP does whose lock has run out.
            if runs == 1 { fixture.store(#"{"count":10}"#) }
            session["count", default: 0] += 1
            return session["count", default: 0]
        }
        #expect(outcome.value == 11)
        #expect(runs == 2)
        #expect(fixture.stored == #"{"count":11}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test(arguments: [(MemcachedSessionConflictPolicy.fail, 1), (.retrying, 3), (.retrying(attempts: 0), 1)])
    func `it is tried so often and then thrown`(policy: MemcachedSessionConflictPolicy, expected: Int) async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":1}"#)
        var runs = 0
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id, onConflict: policy) { session in
                runs += 1
                fixture.store(#"{"count":\#(runs * 10)}"#)
                session["count", default: 0] += 1
            }
        }
        #expect(error?.code == .conflict)
        #expect(runs == expected)
        #expect(fixture.stored == #"{"count":\#(expected * 10)}"#)
        #expect(fixture.cache.lockCount == 0)
    }

    @Test func `nothing but a conflict is tried again`() async throws {
        let fixture = try Fixture()
        fixture.store(#"{"count":1}"#)
        var runs = 0
        let error = await sessionError {
            try await fixture.handler.withSession(id: Fixture.id, onConflict: .retrying) { session in
                runs += 1
                fixture.cache.remove(Fixture.id)
                session["count"] = 2
            }
        }
        #expect(error?.code == .lost)
        #expect(runs == 1)
    }
}
