import Memcached
import MemcachedTestSupport
import NIOCore

/// One task of a run: it alone writes its keys, one operation after the other, and so knows what may be there.
struct SoakWorker: Sendable {
    let number: Int
    var client: MemcachedClient
    let ledger: SoakLedger
    let slack: Duration
    let keys: [SoakKey]
    /// Keys of other workers on the same servers: what is read there has to be theirs.
    let foreignKeys: [SoakKey]
    var generator: SeededGenerator
    var models: [SoakKey: KeyModel] = [:]
    /// The last CAS of each key that this worker has been told; it may be outdated.
    var tokens: [SoakKey: MemcachedCAS] = [:]
    var sequence: UInt32 = 0
    /// Whether the last operation ended before anything was sent.
    var wasRefused = false

    /// Does random operations until an instant.
    mutating func run(until end: ContinuousClock.Instant) async {
        while ContinuousClock.now < end {
            await step()
            guard wasRefused else { continue }
            // Nothing left: the server cannot be reached at the moment, or there is no room.
            wasRefused = false
            try? await Task.sleep(for: .milliseconds(Int64.random(in: 1...8, using: &generator)))
        }
    }

    /// One random operation.
    private mutating func step() async {
        switch Int.random(in: 0..<1_000, using: &generator) {
        case 0..<250: await get()
        case 250..<280: await getAndTouch()
        case 280..<310: await touch()
        case 310..<460: await set()
        case 460..<520: await add()
        case 520..<590: await replace()
        case 590..<640: await extend()
        case 640..<700: await delete()
        case 700..<800: await count()
        case 800..<840: await getMany()
        case 840..<855: await getAndTouchMany()
        case 855..<875: await readSequence()
        case 875..<890: await setMany()
        case 890..<900: await deleteMany()
        case 900..<910: await touchMany()
        case 910..<920: await countMany()
        case 920..<950: await fly()
        case 950..<965: await readForeign()
        case 965..<970: await claim()
        case 970..<975: await update()
        case 975..<980: await getOrSet()
        default: await oddity()
        }
    }

    // MARK: Chance

    mutating func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < part }

    /// A key of a kind; for writing one about which not too much is in doubt.
    mutating func key(counter: Bool, writing: Bool) -> SoakKey? {
        let kind = keys.filter { $0.isCounter == counter && !(writing && model(of: $0).isCrowded) }
        return kind.randomElement(using: &generator)
    }

    /// Some keys, each once.
    mutating func someKeys(counter: Bool? = nil, writing: Bool) -> [SoakKey] {
        let kind = keys.filter { key in
            (counter == nil || key.isCounter == counter) && !(writing && model(of: key).isCrowded)
        }
        let count = Int.random(in: 1...max(1, kind.count), using: &generator)
        return Array(kind.shuffled(using: &generator).prefix(count))
    }

    mutating func newPiece() -> Piece {
        sequence += 1
        let length: UInt32 =
            switch Int.random(in: 0..<1_000, using: &generator) {
            case 0..<850: .random(in: 0...120, using: &generator)
            case 850..<970: .random(in: 1_000...8_000, using: &generator)
            case 970..<998: .random(in: 16_000...60_000, using: &generator)
            default: .random(in: 100_000...400_000, using: &generator)
            }
        return Piece(sequence: sequence, fillerLength: length)
    }

    mutating func newContent() -> Content {
        .pieces([newPiece()], flags: .random(in: .min ... .max, using: &generator))
    }

    /// The CAS of a key if this worker knows one, right or outdated.
    mutating func condition(of key: SoakKey, chance part: Double) -> MemcachedCAS? {
        chance(part) ? tokens[key] : nil
    }

    // MARK: What is known

    func model(of key: SoakKey) -> KeyModel { models[key, default: KeyModel()] }

    /// A write was answered.
    mutating func confirm(_ key: SoakKey, _ effect: Effect, _ verdict: Effect.Verdict, _ cas: MemcachedCAS? = nil) {
        if let cas { tokens[key] = cas }
        let before = model(of: key)
        guard models[key, default: KeyModel()].confirm(effect, verdict, cas: cas?.rawValue) else {
            ledger.wrong("key \(key.number): \(effect) was answered with \(verdict); there could be \(before)")
            models[key]?.begin(with: before.certainty.flatMap(\.self))
            return
        }
    }

    /// A read was answered.
    mutating func observe(_ key: SoakKey, _ item: MemcachedItem?, by name: String) {
        let before = model(of: key)
        var content: Content?
        if let item {
            guard let found = Content.read(item, of: key) else {
                ledger.wrong(
                    "key \(key.number): \(name) gave \(item.value.readableBytes) bytes that were never stored there; "
                        + "there could be \(before)"
                )
                return
            }
            content = found
        }
        guard models[key, default: KeyModel()].observe(content, cas: item?.cas?.rawValue) else {
            ledger.wrong(
                "key \(key.number): \(name) gave \(content.map { "\($0)" } ?? "nothing"), CAS \(item?.cas?.rawValue ?? 0); "
                    + "there could be \(before)"
            )
            models[key]?.begin(with: content)
            return
        }
        if let cas = item?.cas { tokens[key] = cas }
    }

    /// The server said whether there is an item.
    mutating func observe(_ key: SoakKey, isThere: Bool, by name: String) {
        let before = model(of: key)
        if !models[key, default: KeyModel()].observe(isThere: isThere) {
            ledger.wrong("key \(key.number): \(name) said \(isThere); there could be \(before)")
        }
    }

    /// A write ended with an error: it was not done, or nobody knows.
    mutating func settle(_ key: SoakKey, _ effect: Effect, _ error: MemcachedError) {
        switch (error.code, error.outcome) {
        case (.nonNumericValue, .rejected): confirm(key, effect, .notNumeric)
        case (.valueTooLarge, .rejected): confirm(key, effect, .tooLarge)
        // Text in the place of an answer says that a server has not even understood the requests. Here the proxy has
        // lied: the server behind it has.
        case (.tooManyConnections, _), (.notBinaryProtocol, _): models[key, default: KeyModel()].doubt(effect)
        case (_, .unknown): models[key, default: KeyModel()].doubt(effect)
        case (_, .notSent), (_, .rejected): break
        }
    }
}
