import NIOHTTP1
import Testing

@testable import RoundRobinFront

struct ForwardedHeadersTests {
    @Test func `the process learns who asked, and for which host`() {
        let headers = ForwardedHeaders.request(["Host": "example.org", "Cookie": "a=1"], from: "192.0.2.1")
        #expect(headers["X-Forwarded-For"] == ["192.0.2.1"])
        #expect(headers["X-Forwarded-Proto"] == ["http"])
        #expect(headers["X-Forwarded-Host"] == ["example.org"])
        #expect(headers["Host"] == ["example.org"])
        #expect(headers["Cookie"] == ["a=1"])
    }

    @Test func `what a client says about itself is not believed`() {
        let claims: HTTPHeaders = [
            "x-forwarded-for": "10.0.0.1", "X-Forwarded-Proto": "https", "X-Real-IP": "10.0.0.1",
            "Forwarded": "for=10.0.0.1", "X-Forwarded-Host": "bank.example",
        ]
        let headers = ForwardedHeaders.request(claims, from: "192.0.2.1")
        #expect(headers["X-Forwarded-For"] == ["192.0.2.1"])
        #expect(headers["X-Forwarded-Proto"] == ["http"])
        #expect(headers["X-Real-IP"].isEmpty)
        #expect(headers["Forwarded"].isEmpty)
        #expect(headers["X-Forwarded-Host"].isEmpty)
    }

    @Test func `headers of one connection stay on it`() {
        let headers = ForwardedHeaders.endToEnd([
            "Connection": "close, X-Hop", "X-Hop": "1", "Keep-Alive": "timeout=5", "TE": "trailers",
            "Transfer-Encoding": "chunked", "Upgrade": "h2c", "ETag": "\"1\"",
        ])
        #expect(headers.map(\.name) == ["ETag"])
    }
}
