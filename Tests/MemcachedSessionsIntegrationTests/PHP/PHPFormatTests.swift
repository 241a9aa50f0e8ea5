import MemcachedSessions
import MemcachedTestSupport
import PHPSessionCodec
import Testing

/// One session, in turn in the hands of a real PHP with its memcached session handler and of Swift, in every format.
@Suite struct PHPFormatTests {
    private static let id = "0123456789abcdefghijklmnopqrstuv"

    private static func handler(
        _ server: MemcachedProcess,
        _ format: PHPSessionFormat
    ) throws -> MemcachedSessionHandler {
        try MemcachedSessionHandler(server.address) { $0.format = MemcachedPHPSessionFormat(format) }
    }

    private struct Order: Codable, Equatable {
        var sku: String
        var amount: Int
        var price: Double
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `PHP writes, Swift reads and changes, PHP reads`(format: PHPSessionFormat) async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: format)
            let handler = try Self.handler(server, format)
            let made = try await php.request(
                Self.id,
                """
                $_SESSION['count'] = 41;
                $_SESSION['cart'] = ['items' => ['apple', 'pear'], 'total' => 4.5];
                $_SESSION['user'] = new User;
                $_SESSION['same'] = $_SESSION['user'];
                $_SESSION['bytes'] = "\\0\\xff|";
                $_SESSION['order'] = ['sku' => 'A', 'amount' => 2, 'price' => 9.99];
                """
            )
            #expect(made == "")
            let outcome = try await handler.withSession(id: Self.id) { session in
                #expect(!session.isNew)
                let names = try session.names()
                #expect(names == ["count", "cart", "user", "same", "bytes", "order"])
                #expect(session["cart", "items", 0] == "apple")
                let order: Order? = session["order"]
                #expect(order == Order(sku: "A", amount: 2, price: 9.99))
                let bytes = try session.phpSession()["bytes"]?.string?.bytes
                #expect(bytes == [0, 0xff, 0x7c])
                session["count", default: 0] += 1
                session["cart", "items", 1] = "plum"
                session["user", "name"] = "Bob"
                session["order"] = Order(sku: "B", amount: 3, price: 0.1)
                session["swift"] = ["é": [1, 2]]
            }
            #expect(outcome.cookie == .keep)
            let read = try await php.request(
                Self.id,
                """
                echo json_encode([$_SESSION['count'], $_SESSION['cart'], $_SESSION['order'], $_SESSION['swift']],
                    JSON_UNESCAPED_UNICODE), "\\n";
                echo get_class($_SESSION['user']), ' ', $_SESSION['user']->name(), ' ';
                echo $_SESSION['user'] === $_SESSION['same'] ? 'same' : 'another', ' ', bin2hex($_SESSION['bytes']), "\\n";
                $_SESSION['count']++;
                """
            )
            #expect(
                read == """
                    [42,{"items":["apple","plum"],"total":4.5},{"sku":"B","amount":3,"price":0.1},{"é":[1,2]}]
                    User Bob same 00ff7c

                    """
            )
            let count = try await handler.withSession(id: Self.id) { $0["count", default: 0] }
            #expect(count.value == 43)
            let peer = try await Peer.connect(server)
            #expect(try await peer.item(Peer.prefix + Self.id)?.flags == [0, 0, 0, 0])
            #expect(try await peer.lock(Self.id) == nil)
        }
    }

    @Test(arguments: PHPSessionFormat.allCases)
    func `a session that Swift made is PHP's, down to an empty one`(format: PHPSessionFormat) async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: format)
            let handler = try Self.handler(server, format)
            let outcome = try await handler.withSession(id: nil) { session in
                session["count"] = 1
                session["cart", "items", 0] = "pear"
            }
            guard case .set(let id) = outcome.cookie else {
                throw PHPPeer.Failure(description: "no cookie was set")
            }
            #expect(
                try await php.request(id, "echo json_encode($_SESSION);")
                    == #"{"count":1,"cart":{"items":["pear"]}}"#
            )
            _ = try await handler.withSession(id: id) { session in
                for name in try session.names() { try session.removeValue(for: name) }
            }
            #expect(try await php.request(id, "echo json_encode($_SESSION); $_SESSION['again'] = 1;") == "[]")
            let again = try await handler.withSession(id: id) { $0["again", as: Int.self] }
            #expect(again.value == 1)
        }
    }

    @Test func `bytes that cannot be read stay, where PHP deletes them`() async throws {
        try await withMemcached { server in
            let peer = try await Peer.connect(server)
            let handler = try Self.handler(server, .php)
            try await peer.set(Peer.prefix + Self.id, "count|i:x;")
            let error = await sessionError {
                try await handler.withSession(id: Self.id) { $0["count", default: 0] += 1 }
            }
            #expect(error?.code == .decodingFailed)
            #expect(try await peer.session(Self.id) == "count|i:x;")
            #expect(try await peer.lock(Self.id) == nil)
            // The control: this is what PHP does.
            await #expect(throws: PHPPeer.Failure.self) {
                try await PHPPeer(server: server, format: .php)
                    .request(Self.id, "")
            }
            #expect(try await peer.session(Self.id) != "count|i:x;")
        }
    }

    // msgpack keeps neither enumerations nor references, in PHP's own hands too.
    @Test(arguments: [PHPSessionFormat.php, .phpBinary, .phpSerialize, .igbinary])
    func `enumerations, references and objects survive a visit of Swift's`(format: PHPSessionFormat) async throws {
        try await withMemcached { server in
            let php = PHPPeer(server: server, format: format)
            let handler = try Self.handler(server, format)
            _ = try await php.request(
                Self.id,
                """
                $_SESSION = ['n' => 1];
                $_SESSION['suit'] = Suit::Hearts;
                $_SESSION['list'] = [1, 2];
                $_SESSION['alias'] = &$_SESSION['list'];
                $_SESSION['user'] = new User;
                $_SESSION['user']->friend = $_SESSION['user'];
                """
            )
            _ = try await handler.withSession(id: Self.id) { session in
                session["n"] = [0, 1, 2, 3]
                session["alias", 0] = "by Swift"
            }
            let read = try await php.request(
                Self.id,
                """
                echo $_SESSION['suit'] === Suit::Hearts ? 'hearts ' : 'gone ';
                echo $_SESSION['list'][0], ' ', $_SESSION['user']->friend === $_SESSION['user'] ? 'friend' : 'gone';
                $_SESSION['alias'][0] = 'by PHP';
                echo ' ', $_SESSION['list'][0];
                """
            )
            #expect(read == "hearts by Swift friend by PHP")
        }
    }
}
