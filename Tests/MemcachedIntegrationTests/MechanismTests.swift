import Memcached
import MemcachedTestSupport
import Testing

/// Each SASL mechanism against a real memcached, and what is never sent to one.
@Suite struct MechanismTests {
    typealias Mechanism = MemcachedAuthentication.Mechanism

    /// What the database of the servers holds: ASCII with what SCRAM escapes, and letters beyond ASCII.
    static let users: [MemcachedProcess.SASL.User] = [
        .init(name: "alice", password: "s3cret"), .init(name: "dörte", password: "pé€ w,=密码"),
        .init(name: "bob=2C", password: "a,b=c"), .init(name: "carol", password: "s3cret", realm: "example.org"),
    ]

    private static func sasl(
        _ mechanisms: String = "plain scram-sha-1 scram-sha-256 scram-sha-512"
    )
        -> MemcachedProcess.SASL
    {
        MemcachedProcess.SASL(users: users, mechanisms: mechanisms)
    }

    private func configuration(
        _ server: TestServerAddress,
        _ authentication: MemcachedAuthentication = MemcachedAuthentication(),
        user: MemcachedProcess.SASL.User = users[0],
        password: String? = nil
    ) -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [MemcachedServer(server)])
        configuration.credentials = MemcachedCredentials(
            username: user.realm.map { "\(user.name)@\($0)" } ?? user.name,
            password: password ?? user.password
        )
        configuration.authentication = authentication
        configuration.timeouts.operation = .seconds(60)
        configuration.timeouts.connect = .seconds(30)
        return configuration
    }

    private func failureOfSet(_ configuration: MemcachedConfiguration) async throws -> MemcachedError {
        let client = try MemcachedClient(configuration)
        return try #require(
            await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
        )
    }

    @Test(arguments: Mechanism.allCases)
    func `each mechanism authenticates each user`(mechanism: Mechanism) async throws {
        try await withMemcached(.init(sasl: Self.sasl())) { server in
            for user in Self.users {
                let authentication = MemcachedAuthentication(mechanism: mechanism)
                let client = try MemcachedClient(configuration(server.address, authentication, user: user))
                try await client.set("key", to: "value")
                #expect(try await client.get("key", as: String.self) == "value")
                await client.shutdown()
            }
            let counts = try await server.connectionCounts()
            #expect(counts.opened == Self.users.count)
            #expect(counts.authentications == Self.users.count)
            #expect(counts.refusedAuthentications == 0)
        }
    }

    /// Names and passwords that `saslpasswd2` takes and SASLprep would change or refuse: decomposed letters, a ligature,
    /// wide letters, blanks, a soft hyphen, what joins, a Roman numeral, mixed directions, private use, a control character.
    static let oddTexts = [
        "e\u{301}te\u{301}", "\u{FB01}x", "\u{FF41}\u{FF42}", "a\u{A0}b", "a\u{3000}b", "I\u{AD}X", "a\u{200D}b",
        "\u{FEFF}ab", "\u{2168}", "\u{212A}1", "x\u{B2}", "\u{FFA1}", "\u{1100}\u{1161}", "\u{627}a\u{628}", "\u{627}1",
        "a\u{E000}", "a\u{7}b", "a\tb", "a\u{200E}b", "a\u{2028}b", "a\u{378}", "🔑",
    ]

    @Test(arguments: Mechanism.allCases)
    func `what the database took as name or password is accepted as it is`(mechanism: Mechanism) async throws {
        let users = Self.oddTexts.enumerated()
            .flatMap { number, text in
                [
                    MemcachedProcess.SASL.User(name: text, password: "s3cret"),
                    .init(name: "user\(number)", password: text),
                ]
            }
        let sasl = MemcachedProcess.SASL(users: users, mechanisms: "plain scram-sha-1 scram-sha-256 scram-sha-512")
        try await withMemcached(.init(sasl: sasl)) { server in
            for user in users {
                let authentication = MemcachedAuthentication(mechanism: mechanism)
                let client = try MemcachedClient(configuration(server.address, authentication, user: user))
                try await client.set("key", to: "value")
                await client.shutdown()
            }
            #expect(try await server.connectionCounts().refusedAuthentications == 0)
        }
    }

    @Test(arguments: [Mechanism.scramSHA1, .scramSHA512])
    func `a database that holds what SASLprep makes is found too, on the same connection`(
        mechanism: Mechanism
    ) async throws {
        let users: [MemcachedProcess.SASL.User] = [
            .init(name: "carol", password: "a b"), .init(name: "dave", password: "s3cret"),
        ]
        // The launcher needs PLAIN for itself.
        let sasl = MemcachedProcess.SASL(users: users, mechanisms: "plain \(mechanism.rawValue)")
        try await withMemcached(.init(sasl: sasl)) { server in
            // The first is refused at its proof, the second at its name.
            let odd: [MemcachedProcess.SASL.User] = [
                .init(name: "carol", password: "a\u{A0}b"), .init(name: "da\u{AD}ve", password: "s3cret"),
            ]
            for user in odd {
                let automatic = try MemcachedClient(configuration(server.address, user: user))
                try await automatic.set("key", to: "value")
                let strict = MemcachedAuthentication(mechanism: mechanism, preparation: .saslPrep)
                let prepared = try MemcachedClient(configuration(server.address, strict, user: user))
                try await prepared.set("key", to: "value")
                let asIs = MemcachedAuthentication(mechanism: mechanism, preparation: .asIs)
                let error = try await failureOfSet(configuration(server.address, asIs, user: user))
                #expect(error.code == .authenticationRefused)
            }
            let counts = try await server.connectionCounts()
            #expect(counts.opened == 6)
            // Of each user, the first form of `automatic`, and `asIs`.
            #expect(counts.refusedAuthentications == 4)
        }
    }

    @Test(arguments: Mechanism.allCases)
    func `a wrong password and an unknown user are refused credentials with each mechanism`(
        mechanism: Mechanism
    ) async throws {
        try await withMemcached(.init(sasl: Self.sasl())) { server in
            for user in [
                MemcachedProcess.SASL.User(name: "alice", password: "wrong-s3cret"),
                .init(name: "nobody", password: "wrong-s3cret"), .init(name: "dörte", password: "pe€ w,=密码"),
            ] {
                let authentication = MemcachedAuthentication(mechanism: mechanism)
                let error = try await failureOfSet(configuration(server.address, authentication, user: user))
                #expect(error.code == .authenticationRefused)
                #expect(error.outcome == .notSent)
                #expect(error.status == 0x20)
                #expect(!error.description.contains(user.password))
            }
            #expect(try await server.connectionCounts().refusedAuthentications == 3)
        }
    }

    @Test(
        arguments: [
            ("plain", .plain), ("plain scram-sha-1", .scramSHA1), ("scram-sha-512 plain", .scramSHA512),
            ("plain cram-md5 digest-md5 scram-sha-256 login", .scramSHA256),
        ] as [(String, Mechanism)]
    )
    func `the strongest mechanism that the server offers is used`(mechanisms: String, strongest: Mechanism) async throws
    {
        try await withMemcached(.init(sasl: Self.sasl(mechanisms))) { server in
            let client = try MemcachedClient(
                configuration(server.address, MemcachedAuthentication(minimumMechanism: strongest))
            )
            try await client.set("key", to: "value")
            for stronger in Mechanism.allCases where stronger > strongest {
                let error = try await failureOfSet(
                    configuration(server.address, MemcachedAuthentication(minimumMechanism: stronger))
                )
                #expect(error.code == .noSuitableMechanism)
            }
            // Whoever found nothing strong enough sent no AUTH.
            #expect(try await server.connectionCounts().authentications == 1)
        }
    }

    @Test func `a server that offers only what is never used gets neither name nor password`() async throws {
        let sasl = MemcachedProcess.SASL(users: Self.users, mechanisms: "plain cram-md5 digest-md5 login anonymous")
        try await withMemcached(.init(sasl: sasl)) { server in
            let authentication = MemcachedAuthentication(minimumMechanism: .scramSHA1)
            let error = try await failureOfSet(configuration(server.address, authentication))
            #expect(error.code == .noSuitableMechanism)
            #expect(error.detail.contains("ANONYMOUS"))
            #expect(try await server.connectionCounts().authentications == 0)
        }
    }

    @Test func `SCRAM works on a unix socket`() async throws {
        try await withMemcached(.init(sasl: Self.sasl(), unixSocket: true)) { server in
            let authentication = MemcachedAuthentication(mechanism: .scramSHA256)
            let client = try MemcachedClient(configuration(server.address, authentication))
            try await client.set("key", to: "value")
            #expect(try await client.get("key", as: String.self) == "value")
        }
    }

    @Test func `each connection proves the password anew, also after a restart`() async throws {
        try await withMemcached(.init(sasl: Self.sasl())) { server in
            let authentication = MemcachedAuthentication(minimumMechanism: .scramSHA512)
            let client = try MemcachedClient(configuration(server.address, authentication))
            try await client.set("key", to: "value")
            try await server.restart()
            // The end of the old connection may be told to one request.
            _ = await failure { () async throws(MemcachedError) in try await client.set("key", to: "value") }
            try await client.set("key", to: "value")
            #expect(try await server.connectionCounts().refusedAuthentications == 0)
        }
    }

    @Test func `who takes SCRAM out of a server's offer gets no password`() async throws {
        try await withMemcached(.init(sasl: Self.sasl())) { strong in
            try await withMemcached(.init(sasl: Self.sasl("plain"))) { weak in
                try await withFaultProxy(upstream: strong.address) { proxy in
                    var authentication = MemcachedAuthentication()
                    // As it would be on a network.
                    authentication.countsLoopbackAsPrivate = false
                    let configuration = configuration(proxy.address, authentication)
                    let client = try MemcachedClient(configuration)
                    try await client.set("key", to: "value")
                    proxy.upstream = weak.address
                    proxy.closeConnections()
                    await client.shutdown()

                    // Another client, the same process.
                    let error = try await failureOfSet(configuration)
                    #expect(error.code == .noSuitableMechanism)
                    #expect(error.detail.contains("offered SCRAM before"))
                    #expect(try await weak.connectionCounts().authentications == 0)

                    // Where configuration fixes PLAIN, it is nobody else's choice.
                    var fixed = configuration
                    fixed.authentication.mechanism = .plain
                    let plain = try MemcachedClient(fixed)
                    try await plain.set("key", to: "value")
                    #expect(try await weak.connectionCounts().authentications == 1)
                }
            }
        }
    }

    @Test func `PLAIN in clear can be forbidden, and then nothing is sent`() async throws {
        try await withMemcached(.init(sasl: Self.sasl("plain"))) { server in
            var authentication = MemcachedAuthentication()
            authentication.requireEncryption = true
            // Loopback is private by default.
            let client = try MemcachedClient(configuration(server.address, authentication))
            try await client.set("key", to: "value")
            authentication.countsLoopbackAsPrivate = false
            let error = try await failureOfSet(configuration(server.address, authentication))
            #expect(error.code == .noSuitableMechanism)
            #expect(error.detail.contains("requireEncryption"))
            #expect(try await server.connectionCounts().authentications == 1)
        }
    }

    @Test func `a server that does not know the password is not believed`() async throws {
        // It answers everything with success, as one would that wants to be sent data.
        let sasl = FakeMemcachedServer.Configuration(users: ["alice": "another"])
        let server = try await FakeMemcachedServer.start(
            sasl,
            script: { request in
                let opcode = request.frame.opcode
                guard opcode == 0x20 || opcode == 0x21 || opcode == 0x22 else { return [.answer] }
                let text = opcode == 0x20 ? "SCRAM-SHA-256" : "Authenticated"
                return [
                    .respond(
                        RawFrame(
                            magic: RawFrame.responseMagic,
                            opcode: opcode,
                            opaque: request.frame.opaque,
                            value: Array(text.utf8)
                        )
                    )
                ]
            }
        )
        let error = try await failureOfSet(configuration(server.address))
        #expect(error.code == .serverNotAuthenticated)
        #expect(error.outcome == .notSent)
        #expect(server.counts.requests[0x01] == nil)
        await server.stop()
    }
}
