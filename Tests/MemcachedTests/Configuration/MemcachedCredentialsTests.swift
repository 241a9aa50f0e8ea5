import Testing

@testable import Memcached

/// Neither user name nor password is printed, however deep they are.
@Suite struct MemcachedCredentialsTests {
    static let credentials = MemcachedCredentials(username: "alice", password: "s3cret")

    private static func configuration() -> MemcachedConfiguration {
        var configuration = MemcachedConfiguration(servers: [.tcp("h")])
        configuration.credentials = credentials
        return configuration
    }

    private func printed<Value>(_ value: Value) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        var debugged = ""
        debugPrint(value, to: &debugged)
        return ["\(value)", String(describing: value), String(reflecting: value), dumped, debugged]
    }

    private func expectNoSecret<Value>(_ value: Value) {
        for text in printed(value) {
            #expect(!text.contains("alice"))
            #expect(!text.contains("s3cret"))
        }
    }

    @Test func `credentials print as redacted`() {
        #expect("\(Self.credentials)" == "<redacted>")
        #expect(String(reflecting: Self.credentials) == "<redacted>")
        expectNoSecret(Self.credentials)
    }

    @Test func `whatever holds them prints them as redacted`() {
        expectNoSecret(Optional(Self.credentials))
        expectNoSecret([Self.credentials])
        expectNoSecret(["key": (1, Self.credentials)])
        expectNoSecret(Result<MemcachedCredentials, MemcachedError>.success(Self.credentials))
    }

    @Test func `a configuration and a client do not show them`() throws {
        let configuration = Self.configuration()
        #expect("\(configuration)".contains("<redacted>"))
        expectNoSecret(configuration)
        expectNoSecret(try MemcachedClient(configuration))
        expectNoSecret(try ClientCore(configuration: configuration))
        expectNoSecret(Connector(server: .tcp("h"), configuration: configuration, tls: nil))
    }

    @Test func `a mirror finds no children`() {
        #expect(Mirror(reflecting: Self.credentials).children.isEmpty)
        var seen = 0
        func walk(_ value: Any, depth: Int) {
            if let text = value as? String {
                seen += 1
                #expect(text != "alice")
                #expect(text != "s3cret")
            }
            guard depth > 0 else { return }
            for child in Mirror(reflecting: value).children { walk(child.value, depth: depth - 1) }
        }
        walk(Self.configuration(), depth: 6)
        #expect(seen > 0)
    }

    @Test func `credentials can be compared`() {
        #expect(Self.credentials == MemcachedCredentials(username: "alice", password: "s3cret"))
        #expect(Self.credentials != MemcachedCredentials(username: "alice", password: "S3cret"))
        #expect(Self.credentials != MemcachedCredentials(username: "bob", password: "s3cret"))
    }

    @Test func `an error about credentials does not show them`() {
        for (username, password) in [("alice\0", "s3cret"), ("", "s3cret"), ("alice", ""), ("alice", "s3cret\0")] {
            var configuration = Self.configuration()
            configuration.credentials = MemcachedCredentials(username: username, password: password)
            let error = #expect(throws: MemcachedError.self) { try configuration.validate() }
            #expect(error?.description.contains("alice") == false)
            #expect(error?.description.contains("s3cret") == false)
        }
    }
}
