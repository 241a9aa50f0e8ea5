import MemcachedHashing
import Testing

@testable import Memcached

/// Which server an operation goes to, with servers up and down; nothing here connects.
@Suite struct RouterTests {
    static let rules: [Router.Rule] = [.keep, .eject, .failover]

    @Test(arguments: rules)
    func `with all servers up each key goes to its own, and only that one is asked`(rule: Router.Rule) throws {
        let steps = try RouterSteps(rule)
        for key in RouterSteps.keys {
            let servers = ScriptedConditions()
            #expect(steps.server(key, servers) == steps.home(key))
            #expect(servers.asked == [steps.home(key)])
        }
    }

    @Test func `keep refuses the keys of a server that is down, and moves none`() throws {
        let steps = try RouterSteps(.keep)
        let servers = ScriptedConditions()
        servers.down = [1]
        for key in RouterSteps.keys {
            if steps.home(key) == 1 {
                #expect(steps.refusal(key, servers)?.code == .serverDown)
            } else {
                #expect(steps.server(key, servers) == steps.home(key))
            }
        }
    }

    @Test func `keep has no second server`() throws {
        let steps = try RouterSteps(.keep)
        #expect(steps.server("key", passing: [steps.home("key")]) == nil)
    }

    @Test func `keep tries a server again when its pause is over`() throws {
        let steps = try RouterSteps(.keep)
        let servers = ScriptedConditions()
        servers.due = [steps.home("key")]
        #expect(steps.isProbe("key", servers))
    }

    @Test func `failover moves the keys of the server that is down to the next on the ring, and no other`() throws {
        let steps = try RouterSteps(.failover)
        let servers = ScriptedConditions()
        servers.down = [2]
        for key in RouterSteps.keys {
            let expected = key.withUnsafeBytes { steps.router.ring.index(forKey: $0, skipping: { $0 == 2 }) }
            #expect(steps.server(key, servers) == expected)
            if steps.home(key) != 2 { #expect(expected == steps.home(key)) }
        }
    }

    @Test func `failover passes over every server that is down, and tells of the first when all are`() throws {
        let steps = try RouterSteps(.failover)
        let servers = ScriptedConditions()
        servers.down = [0, 1, 3]
        #expect(RouterSteps.keys.allSatisfy { steps.server($0, servers) == 2 })
        servers.down = [0, 1, 2, 3]
        for key in RouterSteps.keys {
            #expect(steps.refusal(key, servers)?.detail == "server \(steps.home(key)) is down")
        }
    }

    @Test func `failover goes on where an operation has failed already`() throws {
        let steps = try RouterSteps(.failover)
        for key in RouterSteps.keys {
            let home = steps.home(key)
            let next = try #require(steps.server(key, passing: [home]))
            #expect(next != home)
            let third = try #require(steps.server(key, passing: [home, next]))
            #expect(![home, next].contains(third))
            #expect(steps.server(key, passing: [0, 1, 2, 3]) == nil)
        }
    }

    @Test func `failover tries a server again with an operation on one of its own keys`() throws {
        let steps = try RouterSteps(.failover)
        let servers = ScriptedConditions()
        servers.due = [1]
        for key in RouterSteps.keys { #expect(steps.isProbe(key, servers) == (steps.home(key) == 1)) }
    }

    @Test func `without a ring failover goes to the next in the list`() throws {
        let steps = try RouterSteps(.failover, selection: .libmemcached(.modula))
        let servers = ScriptedConditions()
        servers.down = [3]
        for key in RouterSteps.keys { #expect(steps.server(key, servers) == steps.home(key) % 3) }
    }

    /// The ring that libmemcached builds of the servers that are left; see the ejection rows of server_selection.jsonl.
    @Test func `eject makes the ring anew without the servers that are down`() throws {
        let steps = try RouterSteps(.eject, down: [0])
        let servers = ScriptedConditions()
        servers.down = [0]
        let ring = try ServerRing(servers: RouterSteps.servers, ejected: [0])
        for key in RouterSteps.keys {
            #expect(steps.server(key, servers) == key.withUnsafeBytes { ring.index(forKey: $0) })
        }
    }

    @Test func `an ejected server is tried again with an operation on one of its own keys`() throws {
        let steps = try RouterSteps(.eject, down: [0])
        let servers = ScriptedConditions()
        servers.due = [0]
        #expect(RouterSteps.keys.contains { steps.home($0) == 0 })
        for key in RouterSteps.keys { #expect(steps.isProbe(key, servers) == (steps.home(key) == 0)) }
        // The probe failed: the operation goes on with the others.
        for key in RouterSteps.keys where steps.home(key) == 0 {
            #expect(steps.server(key, passing: [0], servers).map { $0 != 0 } == true)
        }
    }

    @Test func `with all servers down none is ejected`() throws {
        let steps = try RouterSteps(.eject, down: [0, 1, 2, 3])
        #expect(steps.router.remaining == nil)
        let servers = ScriptedConditions()
        servers.due = [steps.home("key")]
        #expect(steps.isProbe("key", servers))
    }

    @Test func `modula ejects nothing, as in libmemcached`() throws {
        let steps = try RouterSteps(.eject, selection: .libmemcached(.modula), down: [1])
        let servers = ScriptedConditions()
        servers.down = [1]
        for key in RouterSteps.keys {
            #expect(steps.server(key, servers) == (steps.home(key) == 1 ? nil : steps.home(key)))
        }
    }
}
