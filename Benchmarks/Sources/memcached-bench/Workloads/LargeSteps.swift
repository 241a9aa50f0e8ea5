import Memcached
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A large value, and how a reply is compared with it.
///
/// Comparing a megabyte takes as long as receiving one, so of values beyond 16 KB each reply is compared in length, at
/// both ends, and in a window that moves on: in the course of a run all of it.
struct LargeValue: Sendable {
    let key: MemcachedKey
    let bytes: ByteBuffer
    private var window = 0

    private static let wholeBytes = 16 << 10
    private static let windowBytes = 64

    static func key(_ bytes: Int) -> MemcachedKey { MemcachedKey("bench:big:" + SmallValues.padded(bytes, 7)) }

    /// Reads the value, which somebody has to have stored.
    init(of client: MemcachedClient, bytes count: Int) async throws {
        key = Self.key(count)
        guard let bytes = try await client.get(key)?.value else {
            throw BenchmarkFailure("\(key) is not stored: nothing to measure with")
        }
        guard bytes.readableBytes == count else {
            throw BenchmarkFailure("\(key) has \(bytes.readableBytes) bytes, not \(count)")
        }
        self.bytes = bytes
    }

    /// Compares a reply.
    ///
    /// - Throws: ``BenchmarkFailure`` when it is wrong.
    mutating func check(_ reply: ByteBuffer?) throws {
        guard let reply else { throw BenchmarkFailure("\(key): a miss, though it is stored") }
        let isRight = bytes.withUnsafeReadableBytes { wanted in
            reply.withUnsafeReadableBytes { found in
                guard found.count == wanted.count else { return false }
                if wanted.count <= Self.wholeBytes { return Self.areEqual(wanted[...], found[...]) }
                window = window + 2 * Self.windowBytes > wanted.count ? 0 : window + Self.windowBytes
                return [0, window, wanted.count - Self.windowBytes]
                    .allSatisfy { start in
                        let range = start..<start + Self.windowBytes
                        return Self.areEqual(wanted[range], found[range])
                    }
            }
        }
        guard isRight else { throw BenchmarkFailure("\(key): a wrong value of \(reply.readableBytes) bytes") }
    }

    private static func areEqual(
        _ left: Slice<UnsafeRawBufferPointer>,
        _ right: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        let (left, right) = (UnsafeRawBufferPointer(rebasing: left), UnsafeRawBufferPointer(rebasing: right))
        guard left.count == right.count, let first = left.baseAddress, let second = right.baseAddress else {
            return left.count == right.count
        }
        return memcmp(first, second, left.count) == 0
    }
}

/// `w5`: a GET of a large value.
struct GetLarge: Step {
    static var operations: Int { 1 }
    let client: MemcachedClient
    let form: Options.Form
    var value: LargeValue

    mutating func run() async throws {
        switch form {
        case .bytes: try value.check(await client.get(value.key, as: ByteBuffer.self))
        case .item: try value.check(await client.get(value.key)?.value)
        case .text: try value.check(await client.get(value.key, as: String.self).map { ByteBuffer(string: $0) })
        }
    }
}

/// `w5` with a mode that stores: a SET of it.
struct SetLarge: Step {
    static var operations: Int { 1 }
    let client: MemcachedClient
    let key: MemcachedKey
    let bytes: ByteBuffer

    mutating func run() async throws {
        guard try await client.set(key, to: bytes, flags: 0) != nil else {
            throw BenchmarkFailure("\(key): stored without a CAS")
        }
    }
}
