import Foundation
import MemcachedHashing
import Testing

@Suite struct SelectionFixtureTests {
    @Test(arguments: try Fixture.rows("server_selection.jsonl", as: SelectionRow.self))
    func `keys go where libmemcached puts them`(row: SelectionRow) throws {
        #expect(row.keys.count == 240 && row.picks.count == 240)
        let disagreements = row.disagreements(with: try row.ring(try row.selection))
        #expect(disagreements.isEmpty)
    }

    @Test func `the captured configurations are all there`() throws {
        let rows = try Fixture.rows("server_selection.jsonl", as: SelectionRow.self)
        #expect(rows.count == 100)
        #expect(Set(rows.compactMap(\.kind)).count == 25)
    }

    @Test(arguments: try Fixture.rows("peer_fixtures.jsonl", as: PeerRow.self).compactMap(\.selection))
    func `keys go where the tests of libmemcached and spymemcached expect them`(row: SelectionRow) throws {
        #expect(!row.keys.isEmpty && row.keys.count == row.picks.count)
        let ring = try row.ring(try row.selection)
        let disagreements = row.disagreements(with: ring)
        #expect(disagreements.isEmpty)

        for (key, hash) in zip(row.keys, row.keyHashes ?? []) { #expect(ring.placement(of: key).hash == hash) }
        for (key, point) in zip(row.keys, row.ringPoints ?? []) {
            guard case .point(let value, _, _) = ring.placement(of: key).reason else {
                Issue.record("no point for \(key.base64EncodedString())")
                continue
            }
            #expect(value == point)
        }
    }

    @Test func `the peers' selections are all there`() throws {
        let rows = try Fixture.rows("peer_fixtures.jsonl", as: PeerRow.self).compactMap(\.selection)
        #expect(rows.count == 9)
        #expect(rows.compactMap(\.keyHashes).count == 2)
        #expect(rows.compactMap(\.ringPoints).count == 1)
    }

    @Test(arguments: try Fixture.rows("peer_fixtures.jsonl", as: PeerRow.self).compactMap(\.selection))
    func `a point name stands for host and port`(row: SelectionRow) throws {
        guard let names = row.pointNames else { return }
        let servers = names.map { RingServer(host: "elsewhere", port: 1, pointName: $0) }
        let ring = try ServerRing(servers: servers, selection: .spymemcached)
        let disagreements = row.disagreements(with: ring)
        #expect(disagreements.isEmpty)
    }
}
