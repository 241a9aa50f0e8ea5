import Memcached
import NIOCore

extension SoakWorker {
    /// What is refused, and what asks servers about themselves.
    mutating func oddity() async {
        switch Int.random(in: 0..<100, using: &generator) {
        case 0..<20: await countText()
        case 20..<35: await getText()
        case 35..<40: await setTooLarge()
        case 40..<55: await useWrongArguments()
        case 55..<65: await useNobody()
        case 65..<75: await useShutDownClient()
        case 75..<85: await attemptNoop()
        case 85..<93: await askVersion()
        default: await askStatistics()
        }
    }

    /// Counts what is no number.
    private mutating func countText() async {
        guard let key = key(counter: false, writing: true) else { return }
        let effect = Effect.increment(1, initial: nil, condition: nil)
        let result = await attempt("INCREMENT of text") { [client] timeout throws(MemcachedError) in
            try await client.increment(key.name, timeout: timeout)
        }
        switch result {
        case .success(let number): confirm(key, effect, number.map { .counted($0) } ?? .notFound)
        case .failure(let error): settle(key, effect, error)
        }
    }

    /// Reads bytes that are no text as text.
    private mutating func getText() async {
        guard let key = key(counter: false, writing: false) else { return }
        let result = await attempt("GET as text") { [client] timeout throws(MemcachedError) in
            try await client.get(key.name, as: String.self, timeout: timeout)
        }
        switch result {
        case .success(nil): observe(key, isThere: false, by: "GET as text")
        case .success: ledger.wrong("key \(key.number): what was stored is no text, and was read as text")
        case .failure(let error) where error.code == .decodingFailed: observe(key, isThere: true, by: "GET as text")
        case .failure: break
        }
    }

    private mutating func setTooLarge() async {
        guard let key = key(counter: false, writing: true) else { return }
        let value = ByteBuffer(repeating: 0xFE, count: 1 << 20)
        let result = await attempt("SET too large") { [client] timeout throws(MemcachedError) in
            try await client.set(key.name, to: value, timeout: timeout)
        }
        switch result {
        case .success: ledger.wrong("key \(key.number): a value larger than the server takes was stored")
        case .failure(let error): settle(key, .setTooLarge, error)
        }
    }

    private mutating func useWrongArguments() async {
        let empty = await attempt("GET with an empty key") { [client] timeout throws(MemcachedError) in
            try await client.get("", timeout: timeout)
        }
        expect(empty, .invalidKey, .notSent)
        let long = MemcachedKey(String(repeating: "l", count: 251))
        let tooLong = await attempt("SET with a long key") { [client] timeout throws(MemcachedError) in
            try await client.set(long, to: "", timeout: timeout)
        }
        expect(tooLong, .invalidKey, .notSent)
        let delayed = await attempt("FLUSH in the past") { [client] timeout throws(MemcachedError) in
            try await client.flush(after: .seconds(-1), timeout: timeout)
        }
        expect(delayed, .invalidArgument, .notSent)
    }

    /// A client of a server that is not there.
    private mutating func useNobody() async {
        guard let nobody = try? MemcachedClient(MemcachedConfiguration(servers: [.unix("/nonexistent/memcached")]))
        else {
            return ledger.wrong("a client of a server that is not there could not be made")
        }
        let result = await attempt("GET from nobody") { timeout throws(MemcachedError) in
            try await nobody.get("key", timeout: timeout)
        }
        expect(result, .connectionFailed, .notSent)
    }

    private mutating func useShutDownClient() async {
        guard let other = try? MemcachedClient(client.configuration) else {
            return ledger.wrong("a second client of the same configuration could not be made")
        }
        await other.shutdown(within: .milliseconds(10))
        let result = await attempt("GET after shutdown") { timeout throws(MemcachedError) in
            try await other.get("key", timeout: timeout)
        }
        expect(result, .clientShutDown, .notSent)
    }

    /// The error there has to be; a timeout or a cancellation may come first.
    private func expect<Value>(
        _ result: Result<Value, MemcachedError>,
        _ code: MemcachedError.Code,
        _ outcome: MemcachedError.Outcome
    ) {
        guard case .failure(let error) = result else { return ledger.wrong("there was no error \(code)") }
        if error.code == .timeout || error.code == .cancelled { return }
        if error.code != code || error.outcome != outcome { ledger.wrong("instead of \(code) came \(error)") }
    }

    private mutating func attemptNoop() async {
        _ = await attempt("NOOP") { [client] timeout throws(MemcachedError) in try await client.noop(timeout: timeout) }
    }

    private mutating func askVersion() async {
        let result = await attempt("VERSION") { [client] timeout throws(MemcachedError) in
            try await client.version(timeout: timeout)
        }
        guard case .success(let versions) = result else { return }
        if Set(versions.keys) != Set(client.servers) || !versions.values.allSatisfy({ $0.hasPrefix("1.") }) {
            ledger.wrong("VERSION gave \(versions)")
        }
    }

    private mutating func askStatistics() async {
        let result = await attempt("STAT") { [client] timeout throws(MemcachedError) in
            try await client.stats(timeout: timeout)
        }
        guard case .success(let statistics) = result else { return }
        if Set(statistics.keys) != Set(client.servers) || !statistics.values.allSatisfy({ $0["curr_items"] != nil }) {
            ledger.wrong("STAT gave the statistics of \(statistics.keys.map(\.label)), which is not what there is")
        }
    }
}
