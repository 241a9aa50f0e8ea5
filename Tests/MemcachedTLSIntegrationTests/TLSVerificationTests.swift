import Foundation
import Memcached
import MemcachedTestSupport
import Testing

/// Which servers are trusted, and what is told of those that are not, against a real memcached.
@Suite struct TLSVerificationTests {
    @Test(arguments: ServerVersion.allCases)
    func `a good certificate is good by each of its names`(version: ServerVersion) async throws {
        try await withMemcached(.init(.good, version: version)) { server in
            for (host, tls) in [
                ("localhost", MemcachedTLS.ofTests), ("LOCALHOST", .ofTests), ("127.0.0.1", .ofTests),
                ("127.0.0.1", .ofTests(as: "cache.test")), ("localhost", .ofTests(as: "127.0.0.1")),
                ("localhost", .ofTests(as: "::1")),
            ] {
                let client = try MemcachedClient(
                    MemcachedConfiguration(port: server.address.port, host: host, tls: tls)
                )
                try await client.set("key", to: "value for \(host)")
                #expect(try await client.get("key", as: String.self) == "value for \(host)")
            }
        }
    }

    @Test func `an IPv6 address is held against the certificate's addresses`() async throws {
        try await withMemcached(.init(.good, host: "::1")) { server in
            let configuration = MemcachedConfiguration(port: server.address.port, host: "[::1]", tls: .ofTests)
            let client = try MemcachedClient(configuration)
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test func `a chain over an authority in between is followed`() async throws {
        try await withMemcached(.init(.chained)) { server in
            let configuration = MemcachedConfiguration(port: server.address.port, tls: .ofTests)
            try await setAndGet(configuration)
        }
    }

    @Test func `a wildcard and another name are good for the server name that is set`() async throws {
        try await withMemcached(.init(.wildcard)) { server in
            let tls = MemcachedTLS.ofTests(as: "shop.cache.test")
            try await setAndGet(MemcachedConfiguration(port: server.address.port, tls: tls))
        }
        try await withMemcached(.init(.elsewhere)) { server in
            for name in ["elsewhere.test", "192.0.2.1"] {
                let tls = MemcachedTLS.ofTests(as: name)
                try await setAndGet(MemcachedConfiguration(port: server.address.port, tls: tls))
            }
        }
    }

    struct Refusal: Sendable, CustomStringConvertible {
        var certificate: Certificate
        var host = "localhost"
        var tls = MemcachedTLS.ofTests
        var told: [String]

        var description: String { "\(certificate) as \(tls.serverName ?? host)" }
    }

    static let refusals: [Refusal] = [
        Refusal(certificate: .expired, told: ["expired on 2021-01-01", "renew it"]),
        Refusal(certificate: .early, told: ["not valid before 2119-01-01", "clocks"]),
        Refusal(
            certificate: .elsewhere,
            told: ["for elsewhere.test, 192.0.2.1", "not for localhost", "tls.serverName"]
        ),
        Refusal(certificate: .elsewhere, host: "127.0.0.1", told: ["not for 127.0.0.1", "tls.serverName"]),
        Refusal(certificate: .unknown, told: ["of none in tls.trust", "right authority"]),
        Refusal(certificate: .unchained, told: ["of none in tls.trust", "in between may be missing"]),
        Refusal(certificate: .selfSigned, told: ["of none in tls.trust"]),
        Refusal(certificate: .commonName, told: ["no subjectAltName", "common name does not count"]),
        // The socket is connected to 127.0.0.1, and that is in the certificate; who controls the DNS chose it.
        Refusal(certificate: .address, told: ["for 127.0.0.1, ::1", "not for localhost"]),
        Refusal(
            certificate: .good,
            tls: .ofTests(as: "other.test"),
            told: ["for localhost, cache.test", "other.test"]
        ),
        Refusal(certificate: .good, host: "127.0.0.1", tls: .ofTests(as: "192.0.2.7"), told: ["not for 192.0.2.7"]),
        Refusal(
            certificate: .wildcard,
            tls: .ofTests(as: "cache.test"),
            told: ["for *.cache.test", "not for cache.test"]
        ),
        Refusal(certificate: .wildcard, tls: .ofTests(as: "a.b.cache.test"), told: ["not for a.b.cache.test"]),
        Refusal(
            certificate: .good,
            tls: MemcachedTLS(),
            told: ["operating system", ".authorities", "ca-certificates"]
        ),
    ]

    @Test(arguments: refusals)
    func `a certificate that is not good is refused before anything is sent`(refusal: Refusal) async throws {
        try await withMemcached(.init(refusal.certificate)) { server in
            var configuration = MemcachedConfiguration(
                port: server.address.port,
                host: refusal.host,
                tls: refusal.tls
            )
            // A password would go first.
            configuration.credentials = MemcachedCredentials(username: "alice", password: "s3cret")
            let error = try #require(try await failureOfSet(configuration))
            #expect(error.code == .certificateRefused, "\(error)")
            #expect(error.outcome == .notSent)
            #expect(error.server == "\(refusal.host):\(server.address.port ?? 0)")
            for text in refusal.told { #expect(error.description.contains(text), "\(error)") }
            let statistics = try await server.stats()
            #expect(statistics["cmd_set"] == "0")
            #expect(statistics["auth_cmds"] == "0")
        }
    }

    @Test(arguments: [Certificate.expired, .elsewhere, .unknown, .selfSigned])
    func `verification is off only for who says so`(certificate: Certificate) async throws {
        try await withMemcached(.init(certificate)) { server in
            let tls = MemcachedTLS(trust: .dangerouslyTrustAnyServer)
            try await setAndGet(MemcachedConfiguration(port: server.address.port, tls: tls))
        }
    }

    @Test func `files are read when the client is made and never again`() async throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem").path
        try FileManager.default.copyItem(atPath: Certificate.authority.path, toPath: copy)
        try await withMemcached(.init(.good)) { server in
            let tls = MemcachedTLS(trust: .authorities(.file(copy)))
            let client = try MemcachedClient(MemcachedConfiguration(port: server.address.port, tls: tls))
            try FileManager.default.removeItem(atPath: copy)
            try await client.set("key", to: "value")
            try await server.restart()
            // The end of the old connection may be told to one request.
            _ = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }
}
