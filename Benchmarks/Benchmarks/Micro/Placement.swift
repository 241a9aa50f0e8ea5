import Benchmark
import MemcachedHashing

/// Which server has a key: the hash of the key, and the search on the ring.
func placement() {
    let key = Array("memc.sess.key.0123456789abcdef0123456789abcdef".utf8)
    for hash in ServerSelection.KeyHash.allCases {
        Benchmark("key hash: \(hash.rawValue), \(key.count) bytes") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(hash.hash(of: key)) }
        }
    }
    for count in [1, 10, 100, 1_000] {
        Benchmark("ring lookup: \(count) servers") { benchmark in
            let servers = (0..<count).map { RingServer(host: "10.0.\($0 / 256).\($0 % 256)") }
            let ring = try ServerRing(servers: servers)
            let keys = (0..<256).map { Array("bench:key:\($0)".utf8) }
            benchmark.startMeasurement()
            for number in benchmark.scaledIterations {
                blackHole(keys[number % keys.count].withUnsafeBytes { ring.index(forKey: $0) })
            }
        }
    }
}
