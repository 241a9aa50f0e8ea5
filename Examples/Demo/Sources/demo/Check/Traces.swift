import Foundation
import HTTPExchange
import MemcachedTestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Every process that was started with its arguments, every port that was taken, and what was printed.
struct Traces {
    private(set) var processes: Set<Int32> = []
    private(set) var ports: Set<Int> = []
    /// The command line of each process.
    private(set) var arguments: [String] = []
    private var programs: [WebProcess] = []

    mutating func note(_ server: MemcachedProcess) {
        if let identifier = server.processIdentifier { note(identifier) }
        if let port = server.address.port { ports.insert(port) }
    }

    mutating func note(_ process: WebProcess) async {
        if let identifier = await process.identifier { note(identifier) }
        ports.insert(process.address.port)
        if !programs.contains(where: { $0 === process }) { programs.append(process) }
    }

    private mutating func note(_ identifier: Int32) {
        processes.insert(identifier)
        // Files in /proc have no size, so they are read to their end.
        guard let data = try? FileHandle(forReadingAtPath: "/proc/\(identifier)/cmdline")?.readToEnd() else { return }
        arguments.append(String(decoding: data, as: UTF8.self))
    }

    /// All that the processes have printed.
    func printed() async -> [String] {
        var lines: [String] = []
        for program in programs { lines += await program.printed }
        return lines
    }

    mutating func note(_ fleet: Fleet) async {
        ports.insert(fleet.address.port)
        for process in fleet.processes { await note(process) }
    }

    /// The processes that still exist.
    var living: [Int32] {
        processes.filter { kill($0, 0) == 0 || errno != ESRCH }.sorted()
    }
}
