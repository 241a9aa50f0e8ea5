import Memcached
import MemcachedSessions

/// Runs the workload that the command line names.
struct Bench {
    private let options: Options

    init(_ options: Options) {
        self.options = options
    }

    func run() async throws {
        switch options.workload {
        case .connect: try await connect()
        case .session: try await session()
        case .preload: try await preload()
        case .get, .set, .getMany, .setMany, .large, .users:
            let client = try MemcachedClient(options.configuration())
            try await options.mode.run(on: client) { try await repeated(client) }
            await client.shutdown()
        }
    }

    private func repeated(_ client: MemcachedClient) async throws {
        if options.workload == .large { return try await large(client) }
        let values = try await SmallValues(of: client, keys: options.keys, bytes: options.valueBytes)
        let text = SmallValues.text(bytes: options.valueBytes)
        switch options.workload {
        case .getMany:
            var step = GetMany(client: client, values: values)
            try await options.drive(&step, stride: 1)
        case .set:
            var step = SetText(client: client, keys: values.keys, text: text)
            try await options.drive(&step)
            try await readBack(client, text)
        case .setMany:
            var step = SetMany(client: client, keys: values.keys, text: text)
            try await options.drive(&step, stride: 1)
            try await readBack(client, text)
        case .users:
            try await users(client, values)
        case .get, .large, .connect, .session, .preload:
            if options.form == .item {
                var step = GetItem(client: client, values: values)
                try await options.drive(&step)
            } else {
                var step = GetText(client: client, values: values)
                try await options.drive(&step)
            }
        }
    }

    /// Looks at what was stored; not after `--ops`, which a runner counts for several programs at a time.
    private func readBack(_ client: MemcachedClient, _ text: String) async throws {
        guard options.operations == 0 else { return }
        let values = try await SmallValues(of: client, keys: options.keys, bytes: options.valueBytes)
        for index in 0..<100 where !values.matches(text, index) {
            throw BenchmarkFailure("\(values.keys[index]) is not what was stored")
        }
    }

    private func large(_ client: MemcachedClient) async throws {
        var value = try await LargeValue(of: client, bytes: options.valueBytes)
        let stride = options.valueBytes > 50_000 ? 1 : 16
        guard options.stores else {
            var step = GetLarge(client: client, form: options.form ?? .bytes, value: value)
            return try await options.drive(&step, stride: stride)
        }
        var step = SetLarge(client: client, key: value.key, bytes: value.bytes)
        try await options.drive(&step, stride: stride)
        try value.check(await client.get(value.key)?.value)
    }

    private func users(_ client: MemcachedClient, _ values: SmallValues) async throws {
        if let connections = options.connections, connections > 1 {
            try await open(connections, of: client, values.keys)
        }
        let keys = values.keys.count
        if options.form == .item {
            try await options.driveUsers { GetItem(client: client, values: values, index: $0 * 13 % keys) }
        } else {
            try await options.driveUsers { GetText(client: client, values: values, index: $0 * 13 % keys) }
        }
    }

    /// Asks for so much at a time that the client opens all connections it may; it makes none beforehand.
    private func open(_ connections: Int, of client: MemcachedClient, _ keys: [MemcachedKey]) async throws {
        for _ in 0..<200 {
            let opened = client.status.servers.map(\.connections.count).min() ?? 0
            if opened >= connections { return }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<80 * connections {
                    group.addTask { _ = try await client.get(keys[number % keys.count]) }
                }
                try await group.waitForAll()
            }
        }
        throw BenchmarkFailure("the client did not open \(connections) connections")
    }

    /// Stores what the workloads read, each value with an outcome.
    private func preload() async throws {
        let client = try MemcachedClient(options.configuration())
        let small = SmallValues.text(bytes: 100)
        let items = SmallValues.keys(options.keys).map { ($0, small) }
        try await client.setMany(Dictionary(uniqueKeysWithValues: items)).get()
        let large = [10 << 10, 100 << 10, (1 << 20) - 100, options.valueBytes]
        for bytes in large { try await client.set(LargeValue.key(bytes), to: SmallValues.text(bytes: bytes)) }
        await client.shutdown()
    }

    private func connect() async throws {
        let configuration = try options.configuration()
        let client = try MemcachedClient(configuration)
        let values = try await SmallValues(of: client, keys: options.keys, bytes: options.valueBytes)
        await client.shutdown()
        var step = Connect(configuration: configuration, values: values, mode: options.mode)
        try await options.drive(&step, stride: 1)
    }

    private func session() async throws {
        let handler = try MemcachedSessionHandler(MemcachedSessionConfiguration(client: options.configuration()))
        try await options.mode.run(on: handler.client) {
            if options.form == .text {
                var step = try await SessionVariable(handler: handler)
                try await options.drive(&step, stride: 4)
                try await handler.destroySession(id: step.id)
            } else {
                var step = try await SessionBytes(handler: handler)
                try await options.drive(&step, stride: 4)
                try await handler.destroySession(id: step.id)
            }
        }
        await handler.shutdown()
    }
}
