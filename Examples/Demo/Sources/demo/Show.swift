import Foundation
import HTTPExchange
import MemcachedTestSupport

/// The demonstration for people: ten reloads, then the page is theirs until Ctrl-C.
enum Show {
    /// Runs until the task is cancelled.
    ///
    /// - Parameters:
    ///   - port: The port of the page; 0 for a free one.
    ///   - isHosted: Whether to use the cache that the environment names.
    /// - Throws: `CancellationError` in the end, others when it cannot begin.
    static func run(port: Int, isHosted: Bool) async throws {
        if isHosted {
            let cache = try HostedCache(ProcessInfo.processInfo.environment)
            Console.line("Using the cache at \(cache.servers), under the key prefix \(cache.prefix)")
            try await withCleaning(cache) {
                try await show(cache.environment, port: port) { cache.note($0) }
            }
        } else {
            Console.line("Starting a private memcached…")
            let cache = try await PrivateCache.start(marker: [:])
            Console.line("  memcached at \(cache.server.address)\(cache.demandsSASL ? ", SASL PLAIN" : "")")
            do {
                let parent = ProcessInfo.processInfo.environment
                try await show(ApplicationEnvironment.make(from: parent, cache: cache.variables), port: port)
            } catch {
                await cache.server.stop()
                throw error
            }
            await cache.server.stop()
        }
    }

    private static func show(
        _ environment: [String: String],
        port: Int,
        onResponse: @escaping @Sendable (HTTPResponse) -> Void = { _ in }
    ) async throws {
        Console.line("Starting five processes…")
        try await Fleet.run(environment: environment, port: port, onResponse: onResponse) { fleet in
            for (name, identifier) in await fleet.identifiers().sorted(by: { $0.key < $1.key }) {
                Console.line("  \(name), process \(identifier)")
            }
            Console.line("\nOpen http://\(fleet.address)/ in a browser. Ten reloads of one visitor:\n")
            let visitor = Browser(fleet.address)
            for _ in 0..<10 {
                let answer = try await visitor.reload()
                guard answer.visit != nil else { throw await failure(answer, fleet) }
                Console.line("  \(answer)")
            }
            Console.line(
                """

                The page is there: http://\(fleet.address)/
                Try two browsers, and kill a process while you reload (kill -9 and a number from above).
                Ctrl-C ends everything.
                """
            )
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    /// A page that does not count, with what the processes have to say about it.
    private static func failure(_ answer: Answer, _ fleet: Fleet) async -> DemoError {
        var text = "the page does not count: \(answer)"
        for process in fleet.processes {
            if let line = await process.lastLines.last(where: { $0.contains("warning") || $0.contains("error") }) {
                text += "\n  \(line)"
            }
        }
        return DemoError(text)
    }

    /// Deletes what a body has stored in a hosted cache, however the body ends.
    private static func withCleaning(_ cache: HostedCache, _ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            try await cache.clean()
            throw error
        }
        try await cache.clean()
    }
}
