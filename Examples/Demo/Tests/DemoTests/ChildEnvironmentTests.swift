import Testing

@testable import demo

struct ChildEnvironmentTests {
    private let parent = [
        "MEMCACHIER_SERVERS": "a", "MEMCACHIER_PASSWORD": "secret", "MEMCACHEDCLOUD_SERVERS": "b",
        "MEMCACHED_HOST": "c", "MEMCACHED_SERVERS": "d",
        "MEMCACHE_SERVERS": "e", "PORT": "80", "DYNO": "web.9", "SESSION_SAVE_PATH": "f",
        "DEMO_LOCKS": "off", "LOG_LEVEL": "trace", "PATH": "/bin", "HOME": "/root",
    ]

    @Test func `a child gets nothing that names somebody's cache or changes the application`() {
        let environment = ChildEnvironment.make(from: parent, adding: [:])
        #expect(environment == ["PATH": "/bin", "HOME": "/root"])
    }

    @Test func `a child gets what it is given`() {
        let environment = ChildEnvironment.make(from: parent, adding: ["MEMCACHED_SERVERS": "own", "PATH": "/own"])
        #expect(environment == ["PATH": "/own", "HOME": "/root", "MEMCACHED_SERVERS": "own"])
    }

    @Test func `a cache that was asked for is passed on`() {
        let environment = ChildEnvironment.make(from: parent, keepsCache: true, adding: [:])
        #expect(environment["MEMCACHIER_SERVERS"] == "a")
        #expect(environment["SESSION_SAVE_PATH"] == nil)
    }

    @Test func `processes behind the front send their cookie without TLS`() {
        let environment = ApplicationEnvironment.make(from: parent, cache: [:], options: ["DEMO_LOCKS": "on"])
        #expect(environment["SESSION_COOKIE_SECURE"] == "0")
        #expect(environment["DEMO_LOCKS"] == "on")
        #expect(environment["MEMCACHIER_PASSWORD"] == nil)
    }
}
