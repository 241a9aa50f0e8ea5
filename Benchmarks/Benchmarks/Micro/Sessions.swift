import Benchmark
import PHPSessionCodec

/// PHP's sessions: read, and written again after a change.
func sessions() {
    for format in PHPSessionFormat.allCases {
        Benchmark("PHP decode: \(format.rawValue), 1 KB") { benchmark in
            let bytes = try PHPSession.ofAShop(format).encoded()
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try PHPSession(decoding: bytes, format: format)) }
        }
        Benchmark("PHP encode: \(format.rawValue), 1 KB") { benchmark in
            let session = try PHPSession.ofAShop(format)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try session.encoded()) }
        }
    }
}

extension PHPSession {
    /// A session as a shop has it, of about 1 KB: a user, a cart of a dozen articles, a token, a flag.
    fileprivate static func ofAShop(_ format: PHPSessionFormat) throws -> PHPSession {
        struct Article: Codable {
            var id: Int
            var name: String
            var price: Double
        }
        var session = PHPSession(format: format)
        try session.encode(4_711, at: "user")
        try session.encode((1...12).map { Article(id: $0, name: "article \($0)", price: 9.5) }, at: "cart")
        try session.encode("d41d8cd98f00b204e9800998ecf8427e", at: "token")
        try session.encode(true, at: "consent")
        return session
    }
}
