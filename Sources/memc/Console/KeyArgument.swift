import ArgumentParser
import Foundation
import Memcached

/// The key that a command is about.
struct KeyArgument: ParsableArguments {
    @Argument(help: "The key, without the namespace.")
    var key: String

    @Flag(help: "KEY is in Base64, for keys that are not text.")
    var base64 = false

    func memcachedKey() throws -> MemcachedKey {
        guard base64 else { return MemcachedKey(key) }
        guard let bytes = Data(base64Encoded: key) else { throw Failure(.usage, "KEY is not Base64") }
        return MemcachedKey(bytes: bytes)
    }
}
