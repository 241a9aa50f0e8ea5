import MemcachedHashing

/// One thing that a PHP application does with its Memcached object before it uses it.
enum Step: Encodable, Sendable {
    /// `setOption` with the number of the option, as libmemcached numbers its behaviours.
    case option(Int, Int)
    case prefix(String)
    case buckets([Int])
    /// `addServers` with the list.
    case servers

    private enum Keys: String, CodingKey {
        case option, value, prefix, buckets, servers
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        switch self {
        case .option(let option, let value):
            try container.encode(option, forKey: .option)
            try container.encode(value, forKey: .value)
        case .prefix(let prefix): try container.encode(prefix, forKey: .prefix)
        case .buckets(let map): try container.encode(map, forKey: .buckets)
        case .servers: try container.encode(true, forKey: .servers)
        }
    }

    static func hash(_ hash: ServerSelection.KeyHash) -> Step { .option(2, hashNumbers[hash] ?? -1) }
    static func distribution(_ number: Int) -> Step { .option(9, number) }
    static let modula = distribution(0)
    static let consistent = distribution(1)
    static let spy = distribution(4)
    static let virtualBuckets = distribution(6)
    static let libketama = Step.option(16, 1)
    static let noLibketama = Step.option(16, 0)
    static let sorted = Step.option(12, 1)
    static let hashesPrefix = Step.option(25, 1)

    /// The numbers of `MEMCACHED_HASH_…`; Debian's library has no hsieh.
    static let hashNumbers: [ServerSelection.KeyHash: Int] = [
        .oneAtATime: 0, .md5: 1, .crc: 2, .fnv1_64: 3, .fnv1a_64: 4, .fnv1_32: 5, .fnv1a_32: 6, .murmur: 8, .jenkins: 9,
        .murmur3: 10,
    ]
}

/// What a PHP application sets, and what is to place keys the same here.
struct Setting: Sendable, CustomStringConvertible {
    let description: String
    let steps: [Step]
    let selection: ServerSelection
    var namespace = ""
    /// The shortest list of servers it can be used with.
    var fewestServers = 1

    init(
        _ description: String,
        _ steps: [Step],
        _ selection: ServerSelection,
        namespace: String = "",
        fewestServers: Int = 1
    ) {
        self.description = description
        self.steps = steps
        self.selection = selection
        self.namespace = namespace
        self.fewestServers = fewestServers
    }
}

extension Setting {
    static let all = hashes + orders + namespaces

    /// Every hash with every distribution.
    private static let hashes = Step.hashNumbers.keys.sorted { $0.rawValue < $1.rawValue }
        .flatMap { hash in
            [
                Setting("modula \(hash.rawValue)", [.hash(hash), .servers], .phpMemcached(hash: hash)),
                Setting(
                    "consistent \(hash.rawValue)",
                    [.hash(hash), .consistent, .servers],
                    .phpMemcached(.consistent, hash: hash)
                ),
                Setting(
                    "libketama, then \(hash.rawValue) for keys",
                    [.libketama, .hash(hash), .servers],
                    .phpMemcached(.libketamaCompatible, hash: hash)
                ),
                Setting(
                    "buckets \(hash.rawValue)",
                    [.hash(hash), .servers, .buckets([1, 0, 1, 1, 0, 0, 1, 0])],
                    .phpMemcached(.virtualBuckets([1, 0, 1, 1, 0, 0, 1, 0]), hash: hash),
                    fewestServers: 2
                ),
            ]
        }

    /// Orders of calls that lead to different rings.
    private static let orders = [
        Setting("nothing", [.servers], .phpMemcached()),
        Setting("consistent", [.consistent, .servers], .phpMemcached(.consistent)),
        Setting("consistent last", [.servers, .consistent], .phpMemcached(.consistent, serversAddedFirst: true)),
        Setting("libketama", [.libketama, .servers], .phpMemcached(.libketamaCompatible)),
        Setting("libketama last", [.servers, .libketama], .phpMemcached(.libketamaCompatible)),
        Setting(
            "consistent, libketama (MemCachier's advice)",
            [.consistent, .libketama, .servers],
            .phpMemcached(.libketamaCompatible)
        ),
        Setting(
            "libketama, consistent",
            [.libketama, .consistent, .servers],
            .phpMemcached(.consistent, hash: .md5)
        ),
        Setting("libketama on and off", [.libketama, .noLibketama, .servers], .phpMemcached()),
        Setting(
            "hash changed after the servers",
            [.servers, .consistent, .hash(.md5)],
            ServerSelection(keyHash: .md5, distribution: .ketama(weights: .ignored), pointHash: .oneAtATime)
        ),
        Setting("spy", [.servers, .spy], .libmemcached(.spy(weights: .shareOutPointsIfAny))),
        Setting("libketama, spy", [.libketama, .spy, .servers], .libmemcached(.spy(weights: .shareOutPoints))),
        Setting(
            "sorted modula",
            [.sorted, .servers],
            .phpMemcached().sorted
        ),
        Setting("sorted consistent", [.sorted, .consistent, .servers], .phpMemcached(.consistent).sorted),
        Setting("sorted libketama", [.libketama, .sorted, .servers], .phpMemcached(.libketamaCompatible).sorted),
        Setting("buckets without a map", [.virtualBuckets, .servers], .phpMemcached(.virtualBuckets([]))),
    ]

    /// Prefixes, in the hash and out of it.
    private static let namespaces = [
        Setting("a prefix", [.prefix("app:"), .servers], .phpMemcached(), namespace: "app:"),
        Setting(
            "a prefix, libketama",
            [.libketama, .prefix("app:"), .servers],
            .phpMemcached(.libketamaCompatible),
            namespace: "app:"
        ),
        Setting(
            "a prefix in the hash",
            [.prefix("app:"), .hashesPrefix, .servers],
            .phpMemcached().hashingNamespace,
            namespace: "app:"
        ),
        Setting(
            "a prefix in the hash, consistent",
            [.consistent, .prefix("prefix/é/"), .hashesPrefix, .servers],
            .phpMemcached(.consistent).hashingNamespace,
            namespace: "prefix/é/"
        ),
        Setting(
            "a prefix in the hash, libketama",
            [.libketama, .hashesPrefix, .prefix(String(repeating: "p", count: 100)), .servers],
            .phpMemcached(.libketamaCompatible).hashingNamespace,
            namespace: String(repeating: "p", count: 100)
        ),
    ]
}

extension ServerSelection {
    fileprivate var sorted: ServerSelection {
        var copy = self
        copy.sortsHosts = true
        return copy
    }

    fileprivate var hashingNamespace: ServerSelection {
        var copy = self
        copy.hashesNamespace = true
        return copy
    }
}
