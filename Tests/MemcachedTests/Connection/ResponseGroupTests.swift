import MemcachedWire
import NIOCore
import Testing

@testable import Memcached

/// Several responses collected for one caller.
@Suite struct ResponseGroupTests {
    private func collect(_ count: Int, _ body: (ResponseGroup) -> Void) async -> GroupResponses {
        let outcome = await withUnsafeContinuation { continuation in
            body(ResponseGroup(count: count, nil, continuation, .none))
        }
        guard case .finished(let group) = outcome else {
            Issue.record("the connection was not full")
            return GroupResponses()
        }
        return group
    }

    @Test func `responses stand at their positions, and silence is nil`() async {
        let group = await collect(3) { group in
            group.deliver([(0, Response(status: .success, cas: 1))], last: false, isAppended: false)
            group.deliver([(2, Response(status: .exists, cas: 3))], last: false, isAppended: false)
            group.deliver([(3, Response(status: .success))], last: true, isAppended: false)
        }
        #expect(group.error == nil)
        #expect(group.responses.map { $0?.cas } == [1, nil, 3])
    }

    @Test func `responses that came together are taken together`() async {
        let group = await collect(3) { group in
            group.deliver(
                [(0, Response(status: .success, cas: 1)), (2, Response(status: .success, cas: 3))],
                last: false,
                isAppended: false
            )
            group.deliver([(3, Response(status: .success))], last: true, isAppended: false)
        }
        #expect(group.responses.map { $0?.cas } == [1, nil, 3])
    }

    @Test func `the last response of a sequence is kept`() async {
        let group = await collect(2) { group in
            group.deliver([(0, Response(status: .success, cas: 1))], last: false, isAppended: false)
            group.deliver([(1, Response(status: .success, cas: 2))], last: true, isAppended: false)
        }
        #expect(group.responses.map { $0?.cas } == [1, 2])
    }

    @Test func `STAT is appended`() async {
        let group = await collect(0) { group in
            for cas in UInt64(1)...3 {
                group.deliver([(0, Response(status: .success, cas: cas))], last: cas == 3, isAppended: true)
            }
        }
        #expect(group.responses.map { $0?.cas } == [1, 2, 3])
    }

    @Test func `an error comes with what was there before it`() async {
        let group = await collect(2) { group in
            group.deliver([(0, Response(status: .success, cas: 1))], last: false, isAppended: false)
            group.fail(MemcachedError(.timeout, "late"))
        }
        #expect(group.error?.code == .timeout)
        #expect(group.responses.map { $0?.cas } == [1, nil])
    }

    @Test func `a sink fails whoever waits on it`() async {
        let error = MemcachedError(.cancelled, "gone", outcome: .unknown)
        let single = await withUnsafeContinuation { ResponseSink.single($0, .none).fail(error) }
        guard case .finished(.failure(let told)) = single else {
            Issue.record("the caller was not told")
            return
        }
        #expect(told == error)
        let group = await collect(1) { ResponseSink.group($0).fail(error) }
        #expect(group.error == error)
        // Nobody waits behind these two.
        ResponseSink.handshake.fail(error)
        let heir = LateSink { _, _ in
            Issue.record("an heir is told of late answers only")
            return nil
        }
        ResponseSink.late(heir).fail(error)
    }

    @Test func `who finds no room is told so, and not of an error`() async {
        let single = await withUnsafeContinuation { ResponseSink.single($0, .none).refuse() }
        guard case .full = single else {
            Issue.record("one caller was told something else")
            return
        }
        let group = await withUnsafeContinuation { continuation in
            ResponseSink.group(ResponseGroup(count: 1, nil, continuation, .none)).refuse()
        }
        guard case .full = group else {
            Issue.record("the caller of several was told something else")
            return
        }
    }
}
