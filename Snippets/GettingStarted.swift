// A client works at once: connections open on first use and there is nothing to run.
import Memcached

// snippet.begin
let cache = try MemcachedClient(servers: "127.0.0.1:11211")

try await cache.set("greeting", to: "hello", expiring: .after(.seconds(60)))
let greeting = try await cache.get("greeting", as: String.self)  // nil on a miss
let visits = try await cache.increment("visits", by: 1, initial: 1)
// snippet.end

print(greeting ?? "no greeting", visits)
await cache.shutdown()
