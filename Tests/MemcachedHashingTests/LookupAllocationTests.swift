import CAllocationCount
import MemcachedHashing
import Testing

/// A look-up allocates nothing, among a thousand servers as among two.
///
/// Counted by the program's own `malloc`; how long a look-up takes is measured by `Scripts/bench --micro`. Loops count by
/// hand, because where nothing is optimised an iterator allocates.
@Suite(.enabled(if: allocation_count_is_kept(), "a sanitizer, or another C library, has its own allocator"))
struct LookupAllocationTests {
    private static let servers = (0..<1_000)
        .map { RingServer(host: "10.\($0 / 250).\($0 % 250).1", port: 11_211 + $0 % 3, weight: 1 + $0 % 4) }

    private static let selections: [ServerSelection] =
        ServerSelection.KeyHash.allCases.map { ServerSelection(keyHash: $0, distribution: .modula) } + [
            .default, .phpSession, .spymemcached, .libmemcached(.spy(weights: .shareOutPoints)),
            .libmemcached(.virtualBuckets(Array(0..<1_000))),
            ServerSelection(
                keyHash: .murmur,
                distribution: .ketama(weights: .ignored),
                hashesNamespace: true,
                sortsHosts: true
            ),
        ]

    /// How often `body` allocates, called for the second time: on first use the runtime prepares types.
    private func allocations(in body: () -> Void) -> UInt64 {
        body()
        let before = allocation_count()
        body()
        return allocation_count() - before
    }

    @Test func `what allocates is counted`() {
        var kept: [UInt8] = []
        let count = allocations {
            var number = 0
            while number < 1_000 {
                kept = [UInt8(number & 255)]
                number += 1
            }
        }
        #expect(count == 1_000)
        #expect(kept.count == 1)
    }

    @Test(arguments: selections)
    func `a look-up among a thousand servers allocates nothing`(selection: ServerSelection) throws {
        let ring = try ServerRing(servers: Self.servers, selection: selection, namespace: Array("app:".utf8))
        let keys = randomKeys(100, seed: 11)
        let texts = (0..<100).map { "a text that lies on the heap and not in the string itself, \($0)" }
        var sum = 0
        let count = allocations {
            var number = 0
            while number < keys.count {
                sum &+= keys[number].withUnsafeBytes { ring.index(forKey: $0) }
                sum &+= ring.index(forKey: keys[number])
                sum &+= ring.index(forKey: texts[number])
                sum &+= ring.index(forKey: keys[number], inGroup: keys[0])
                sum &+= ring.index(forKey: keys[number], skipping: { $0 & 7 != 0 }) ?? 0
                sum &+= ring.replica(2, of: number) ?? 0
                number += 1
            }
        }
        #expect(count == 0)
        #expect(sum > 0)
    }
}
