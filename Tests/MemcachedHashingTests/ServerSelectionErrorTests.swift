import MemcachedHashing
import Testing

@Suite struct ServerSelectionErrorTests {
    private static let two = [RingServer(host: "a"), RingServer(host: "b")]

    private func refusal(
        _ servers: [RingServer],
        _ selection: ServerSelection = .default,
        ejected: Set<Int> = []
    ) -> ServerSelectionError? {
        do {
            _ = try ServerRing(servers: servers, selection: selection, ejected: ejected)
            return nil
        } catch {
            return error
        }
    }

    @Test func `no servers are refused`() {
        #expect(refusal([])?.code == .noServers)
    }

    @Test func `more than 65,536 servers are refused`() {
        let servers = Array(repeating: RingServer(host: "a"), count: 65_537)
        #expect(refusal(servers)?.code == .tooManyServers)
    }

    @Test(arguments: ["", "a\u{0}b", "a\nb", "\u{7f}"])
    func `a host that cannot be one is refused`(host: String) {
        #expect(refusal([RingServer(host: "a"), RingServer(host: host)])?.code == .invalidHost)
        #expect(refusal([RingServer(host: "a"), RingServer(host: "b", pointName: host)])?.index == 1)
    }

    @Test func `credentials in a host are refused and not repeated`() throws {
        let error = try #require(refusal([RingServer(host: "a"), RingServer(host: "alice:hunter2@cache.example.com")]))
        #expect(error.code == .invalidHost)
        #expect(error.index == 1)
        #expect(!"\(error)".contains("hunter2") && !"\(error)".contains("alice"))
        #expect(refusal([RingServer(host: "/run/memcached@1.sock", port: 0)]) == nil)
    }

    @Test(arguments: [-1, 65_536, .max, .min])
    func `a port that is none is refused`(port: Int) {
        let error = refusal(Self.two + [RingServer(host: "c", port: port)])
        #expect(error?.code == .portOutOfRange)
        #expect(error?.index == 2)
    }

    @Test(arguments: [-1, Int(UInt32.max) + 1, .max, .min])
    func `a weight that is none is refused`(weight: Int) {
        let error = refusal(Self.two + [RingServer(host: "c", weight: weight)])
        #expect(error?.code == .weightOutOfRange)
        #expect(error?.index == 2)
    }

    @Test(arguments: [ServerSelection.default, .phpSession, .phpMemcached(), .libmemcached(.virtualBuckets([]))])
    func `ejecting every server is refused`(selection: ServerSelection) {
        #expect(refusal(Self.two, selection, ejected: [0, 1])?.code == .everyServerEjected)
        #expect(refusal([RingServer(host: "a")], selection, ejected: [0])?.code == .everyServerEjected)
    }

    @Test(arguments: [-1, 2, .max, .min])
    func `an ejected server that is not listed is refused`(index: Int) {
        let error = refusal(Self.two, ejected: [0, index])
        #expect(error?.code == .ejectedServerOutOfRange)
        #expect(error?.index == index)
    }

    @Test(arguments: [-1, 2, .max, .min])
    func `a bucket of a server that is not listed is refused`(server: Int) {
        let error = refusal(Self.two, .libmemcached(.virtualBuckets([0, 1, server])))
        #expect(error?.code == .bucketOutOfRange)
        #expect(error?.index == 2)
        #expect(refusal([RingServer(host: "a")], .libmemcached(.virtualBuckets([1])))?.code == .bucketOutOfRange)
    }

    @Test func `an error says what to do`() {
        #expect(refusal([])?.description == "There are no servers: list at least one.")
        #expect(
            refusal(Self.two, .libmemcached(.virtualBuckets([5])))?.description
                == "Bucket 0 is mapped to a server that is not in the list: use indices in 0..<2, or list the missing servers."
        )
        #expect("\(ServerSelectionError.Code.noServers)" == "noServers")
    }
}
