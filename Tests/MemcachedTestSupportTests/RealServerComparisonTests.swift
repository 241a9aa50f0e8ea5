import Foundation
import Testing

@testable import MemcachedTestSupport

/// The in-process server against a real memcached: the same requests, the same bytes back.
@Suite(.timeLimit(.minutes(2))) struct RealServerComparisonTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        var server: String
        var limits = MemoryStore.Limits()

        var testDescription: String { server }

        var arguments: [String] {
            server == "default" ? [] : server.split(separator: " ").map(String.init)
        }
    }

    static let settings = [
        Setting(server: "default"),
        Setting(server: "-I 128k -o slab_chunk_max=128", limits: .init(itemSize: 128 << 10)),
        Setting(server: "-C", limits: .init(hasCAS: false)),
        Setting(server: "-F", limits: .init(allowsFlush: false)),
    ]

    /// Rows whose answers are the server's own business.
    static let different: [String: String] = [
        "stat_all": "numbers of the process",
        "stat_settings": "settings that the in-process server has not",
        "stat_items": "what memcached tells about its slabs",
        "stat_slabs": "what memcached tells about its slabs",
    ]

    @Test(arguments: settings)
    func `every captured request gets the same bytes from both`(setting: Setting) async throws {
        let rows = try WireFixture.all().filter { $0.server == setting.server }
        try #require(!rows.isEmpty)
        try await withMemcached(.init(arguments: setting.arguments)) { server in
            var both = BothServers(real: server, limits: setting.limits, users: [:])
            both.store = MemoryStore(try await both.limitsWithRealVersion())
            for row in rows where Self.different[row.name] == nil {
                for prepare in row.prepare { _ = try await both.compare([prepare], row.name + " (prepare)") }
                let closed = try await both.compare([row.request], row.name)
                #expect(closed == row.serverClosed, "\(row.name): captured as closed: \(row.serverClosed)")
            }
            // Not curr_items: when an expired item is removed depends on the tick of the server's own clock.
            let names = ["total_items", "get_hits", "get_misses", "cmd_touch", "touch_hits", "cmd_set"]
            let theirs = try await server.stats()
            let ours = try both.statistics()
            for name in names { #expect(ours[name] == theirs[name], "\(name)") }
        }
    }

    @Test func `every row that is left out is there`() throws {
        let names = Set(try WireFixture.all().map(\.name))
        #expect(names.isSuperset(of: Self.different.keys))
    }

    @Test func `every captured SASL connection gets the same bytes from both`() async throws {
        let rows: [SASLWireFixture] = try WireFixture.load("sasl_wire.jsonl")
        try #require(!rows.isEmpty)
        try await withMemcached(.init(sasl: .init(user: "alice", password: "s3cret"))) { server in
            var both = BothServers(real: server, limits: .init(), users: ["alice": "s3cret"])
            both.store = MemoryStore(try await both.limitsWithRealVersion())
            for row in rows {
                _ = try await both.compare(row.steps.map { WireFixture.bytes($0.requestHex) }, row.name)
            }
        }
    }

    @Test func `PLAIN messages of every shape are judged alike`() async throws {
        let messages: [String] = [
            "", "alice", "alice\0s3cret", "\0alice\0s3cret", "alice\0alice\0s3cret", "bob\0alice\0s3cret",
            "\0alice\0s3cret\0", "\0\0s3cret", "\0alice\0", "\0alice\0wrong", "\0bob\0s3cret", "\0\0", "\0",
            "\0alice\0s3cret\0\0", "\0Alice\0s3cret", "\0alice\0S3cret",
        ]
        try await withMemcached(.init(sasl: .init(user: "alice", password: "s3cret"))) { server in
            var both = BothServers(real: server, limits: .init(), users: ["alice": "s3cret"])
            let noop = RawFrame(opcode: 0x0a).bytes
            for name in [
                "PLAIN", "plain", "LOGIN", String(repeating: "x", count: 32), String(repeating: "x", count: 33),
            ] {
                for message in messages {
                    let value = Array(message.utf8)
                    let authenticate = RawFrame(opcode: 0x21, key: Array(name.utf8), value: value).bytes
                    let choose = RawFrame(opcode: 0x21, key: Array(name.utf8)).bytes
                    let step = RawFrame(opcode: 0x22, key: Array(name.utf8), value: value).bytes
                    let label = "\(name) \(message.utf8.hex)"
                    _ = try await both.compare([authenticate, noop], label)
                    _ = try await both.compare([choose, step, noop], label + " by step")
                    _ = try await both.compare([step, noop], label + " by step alone")
                }
            }
        }
    }

    @Test(arguments: [true, false])
    func `random operations on few keys get the same bytes from both`(hasCAS: Bool) async throws {
        // While the answer to a GET is not on its way, and while the LRU maintainer works on an item, memcached holds it
        // and writes a shorter counter to a new item, without padding. Hence no maintainer, and a NOOP after each.
        try await withMemcached(.init(arguments: ["-o", "no_modern"] + (hasCAS ? [] : ["-C"]))) { server in
            var both = BothServers(real: server, limits: .init(hasCAS: hasCAS), users: [:])
            both.store = MemoryStore(try await both.limitsWithRealVersion())
            for seed in UInt64(1)...6 {
                var generator = SeededGenerator(seed: seed)
                let noop = RawFrame(opcode: 0x0a).bytes
                let requests = (0..<500).map { _ in Self.randomRequest(&generator).bytes + noop }
                _ = try await both.compare(requests, "seed \(seed)")
            }
        }
    }

    private static func randomRequest(_ generator: inout SeededGenerator) -> RawFrame {
        let stores: [UInt8] = [0x01, 0x02, 0x03, 0x11, 0x12, 0x13]
        let extends: [UInt8] = [0x0e, 0x0f, 0x19, 0x1a]
        let counts: [UInt8] = [0x05, 0x06, 0x15, 0x16]
        let reads: [UInt8] = [0x00, 0x09, 0x0c, 0x0d, 0x04, 0x14]
        let touches: [UInt8] = [0x1c, 0x1d, 0x1e, 0x23, 0x24]
        let others: [UInt8] = [0x0a, 0x0b]
        let values = ["", "1", "10", "007", " 5", "9 ", "x", "18446744073709551615", "-1", "-0", "+7", "1x", "99999"]
        let opcode: UInt8 =
            [stores, stores, extends, counts, counts, reads, reads, touches, others]
            .randomElement(using: &generator)?
            .randomElement(using: &generator) ?? 0x0a
        var frame = RawFrame(opcode: opcode, opaque: UInt32.random(in: 0 ... .max, using: &generator))
        if others.contains(opcode) { return frame }
        var extras: [UInt8] = []
        var value: [UInt8] = []
        let expirations: [UInt32] = [0, 0, 0, 1_000, 2_592_000, 2_592_001, 4_000_000_000]
        let expiration = expirations.randomElement(using: &generator) ?? 0
        if stores.contains(opcode) {
            extras = UInt32.random(in: 0...2, using: &generator).bigEndianBytes + expiration.bigEndianBytes
        } else if counts.contains(opcode) {
            let deltas: [UInt64] = [0, 1, 9, 1_000, .max]
            let delta = deltas.randomElement(using: &generator) ?? 0
            let expiration = Bool.random(using: &generator) ? UInt32.max : expiration
            extras = delta.bigEndianBytes + UInt64(77).bigEndianBytes + expiration.bigEndianBytes
        } else if touches.contains(opcode) {
            extras = expiration.bigEndianBytes
        }
        if stores.contains(opcode) || extends.contains(opcode) {
            value = Array((values.randomElement(using: &generator) ?? "").utf8)
        }
        let key = Array("key\(Int.random(in: 0...3, using: &generator))".utf8)
        let cas = Bool.random(using: &generator) ? 0 : UInt64.random(in: 0...40, using: &generator)
        frame = RawFrame(opcode: opcode, opaque: frame.opaque, cas: cas, extras: extras, key: key, value: value)
        return frame
    }
}

/// The two servers and what has been said to them so far.
private struct BothServers {
    let real: MemcachedProcess
    var limits: MemoryStore.Limits
    let accounts: SASLAccounts
    var store: MemoryStore
    private var history: [[UInt8]] = []

    init(real: MemcachedProcess, limits: MemoryStore.Limits, users: [String: String]) {
        self.real = real
        self.limits = limits
        accounts = SASLAccounts(passwords: users)
        store = MemoryStore(limits)
    }

    mutating func limitsWithRealVersion() async throws -> MemoryStore.Limits {
        limits.version = try await real.stats()["version"] ?? ""
        return limits
    }

    /// Sends the same bytes to both on new connections, step after step.
    /// - Returns: Whether both have closed.
    mutating func compare(_ requests: [[UInt8]], _ name: String) async throws -> Bool {
        var session = ServerSession(limits, accounts)
        let connection = try await RawConnection.connect(to: real.address)
        var closes = false
        for request in requests where !closes {
            let outputs = session.receive(request, &store, now: Int64(Date().timeIntervalSince1970))
            var ours: [UInt8] = []
            for output in outputs {
                if case .frame(let frame) = output { ours += frame.bytes }
                if case .bytes(let bytes) = output { ours += bytes }
            }
            closes = outputs.last == .close
            var theirs: [UInt8] = []
            do {
                try await connection.send(request)
                theirs = try await connection.receive(ours.count, timeout: .seconds(5))
            } catch {
                Issue.record("\(name): \(error)")
                // Whatever came instead shows the difference.
                try? await connection.finishSending()
                theirs = (try? await connection.receiveToEnd()) ?? []
            }
            history.append(request)
            try requireSame(ours, theirs, name)
        }
        // A server that does not close by itself answers everything and closes when we end our half.
        if !closes { try? await connection.finishSending() }
        #expect(try await connection.receiveToEnd().hex == "", "\(name): what the real one says more")
        return closes
    }

    /// Shows the first frame that differs, with the requests on the same key up to the one that it answers.
    private func requireSame(_ ours: [UInt8], _ theirs: [UInt8], _ name: String) throws {
        guard ours != theirs else { return }
        var cutters = (FrameCutter(magic: 0x81), FrameCutter(magic: 0x81), FrameCutter(magic: 0x80))
        let units = (cutters.0.cut(ours), cutters.1.cut(theirs), cutters.2.cut(history.joined()))
        let index = zip(units.0, units.1).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        let place = index ?? min(units.0.count, units.1.count)
        let our = place < units.0.count ? units.0[place] : nil
        let their = place < units.1.count ? units.1[place] : nil
        let requests = units.2.compactMap(\.frame)
        let last = requests.lastIndex { $0.opaque == our?.frame?.opaque || $0.opaque == their?.frame?.opaque }
        let before = last.map { last in requests[...last].filter { $0.key == requests[last].key } } ?? []
        throw Difference(
            description: """
                \(name), frame \(place) of an answer
                ours:    \(our?.bytes.hex ?? "nothing")
                theirs:  \(their?.bytes.hex ?? "nothing")
                requests on the same key, the last one answered differently:
                \(before.suffix(8).map(\.bytes.hex).joined(separator: "\n"))
                """
        )
    }

    struct Difference: Error, CustomStringConvertible {
        var description: String
    }

    /// What the in-process server answers to STAT.
    mutating func statistics() throws -> [String: String] {
        var statistics: [String: String] = [:]
        for frame in store.perform(.stat, isQuiet: false, RawFrame(opcode: 0x10), now: 0) {
            statistics[String(decoding: frame.key, as: UTF8.self)] = String(decoding: frame.value, as: UTF8.self)
        }
        return statistics
    }
}
