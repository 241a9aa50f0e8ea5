import HTTPExchange
import RoundRobinFront

/// Five processes of an application behind one front.
struct Fleet: Sendable {
    /// What the processes are called, in the order of their turns.
    static let names = (1...5).map { "web.\($0)" }

    /// The processes, in the order of their turns.
    let processes: [WebProcess]
    /// Where the page is.
    let address: HTTPServerAddress

    /// Starts a fleet for the length of a closure and stops it whatever happens.
    ///
    /// - Parameters:
    ///   - environment: The environment of the processes.
    ///   - programs: What the processes run, in the order of their turns and again from the beginning.
    ///   - port: The port of the page; 0 for a free one.
    ///   - onResponse: Is shown each response of a process.
    ///   - body: What to do with the fleet.
    /// - Returns: What the closure returned.
    /// - Throws: What the closure throws, and others when processes or front cannot be started.
    static func run<Value>(
        environment: [String: String],
        programs: [Program] = [.sessionCounter],
        port: Int = 0,
        onResponse: @escaping @Sendable (HTTPResponse) -> Void = { _ in },
        _ body: (Fleet) async throws -> Value
    ) async throws -> Value {
        let processes = try await launch(programs, environment)
        let value: Value
        do {
            let front = try await bind(port, processes, onResponse)
            let fleet = Fleet(processes: processes, address: front.address)
            value = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await front.run() }
                defer { group.cancelAll() }
                return try await body(fleet)
            }
        } catch {
            await stop(processes)
            throw error
        }
        await stop(processes)
        return value
    }

    /// The process of that name.
    func process(_ name: String) throws -> WebProcess {
        guard let process = processes.first(where: { $0.name == name }) else {
            throw DemoError("There is no process \(name).")
        }
        return process
    }

    /// The process ids by name; a process that does not run has none.
    func identifiers() async -> [String: Int32] {
        var identifiers: [String: Int32] = [:]
        for process in processes { identifiers[process.name] = await process.identifier }
        return identifiers
    }

    /// Starts all processes at once.
    private static func launch(
        _ programs: [Program],
        _ environment: [String: String]
    ) async throws -> [WebProcess] {
        let results = await withTaskGroup(of: Result<WebProcess, any Error>.self) { group in
            for (index, name) in names.enumerated() {
                let program = programs[index % programs.count]
                group.addTask {
                    do {
                        return .success(try await WebProcess.launch(name, program, environment))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        do {
            return try results.map { try $0.get() }.sorted { $0.name < $1.name }
        } catch {
            await stop(results.compactMap { try? $0.get() })
            throw error
        }
    }

    private static func bind(
        _ port: Int,
        _ processes: [WebProcess],
        _ onResponse: @escaping @Sendable (HTTPResponse) -> Void
    ) async throws -> Front {
        do {
            return try await Front.bind(port: port, backends: processes.map(\.address), onResponse: onResponse)
        } catch {
            throw DemoError("Port \(port) cannot be had: \(error)")
        }
    }

    /// Stops processes, all at once.
    private static func stop(_ processes: [WebProcess]) async {
        await withDiscardingTaskGroup { group in
            for process in processes { group.addTask { _ = await process.stop() } }
        }
    }
}
