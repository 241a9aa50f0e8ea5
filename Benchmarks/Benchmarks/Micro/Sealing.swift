import Benchmark
import MemcachedSessions
import NIOCore

/// What sealing adds to a session of 1,000 bytes, on the way out and back.
func sealing() {
    for algorithm in [MemcachedSessionConfiguration.Sealing.Algorithm.aesGCM, .chaChaPoly] {
        Benchmark("seal: \(algorithm), 1,000 bytes") { benchmark in
            let (keys, name, value) = try sealed(algorithm)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(try keys.seal(value, name: name)) }
        }
        Benchmark("open: \(algorithm), 1,000 bytes") { benchmark in
            let (keys, name, value) = try sealed(algorithm)
            let sealed = try keys.seal(value, name: name)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                guard keys.open(sealed, name: name)?.value == value else {
                    return benchmark.error("not what was sealed")
                }
            }
        }
    }
    Benchmark("seal: the name of a session") { benchmark in
        let (keys, _, _) = try sealed(.aesGCM)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(keys.name(of: "0123456789abcdefghijklmnopqrstuv")) }
    }
}

private func sealed(
    _ algorithm: MemcachedSessionConfiguration.Sealing.Algorithm
) throws -> (SealedKeys, String, ByteBuffer) {
    var sealing = MemcachedSessionConfiguration.Sealing(
        application: "bench",
        idKey: try .init(1...32),
        keys: [try .init(2...33)]
    )
    sealing.algorithm = algorithm
    guard let keys = SealedKeys(sealing, prefix: "memc.sess.key.") else { throw NoKeys() }
    return (keys, keys.name(of: "0123456789abcdefghijklmnopqrstuv"), ByteBuffer(repeating: 0x61, count: 1_000))
}

private struct NoKeys: Error {}
