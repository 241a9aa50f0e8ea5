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

/// Every process that was started and every port that was taken.
struct Traces {
    private(set) var processes: Set<Int32> = []
    private(set) var ports: Set<Int> = []

    mutating func note(_ server: MemcachedProcess) {
        if let identifier = server.processIdentifier { processes.insert(identifier) }
        if let port = server.address.port { ports.insert(port) }
    }

    mutating func note(_ process: CounterProcess) async {
        if let identifier = await process.identifier { processes.insert(identifier) }
        ports.insert(process.address.port)
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
