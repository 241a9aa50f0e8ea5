extension Check {
    /// Whether everything that was started is gone.
    func checkLeftovers() async throws {
        let traces = traces
        try await list.check("no process was left running, and all ports are free") {
            try expect(traces.living.isEmpty, "processes \(traces.living) are still there")
            for port in traces.ports.sorted() {
                try expect(await LoopbackPort.isFree(port), "port \(port) is still taken")
            }
            return "\(traces.processes.count) processes, \(traces.ports.count) ports"
        }
        guard marker.processes() != nil else { return }
        try await list.check("their watchdogs are gone too") {
            // They end by themselves as soon as they have been told that their process has.
            var left = marker.processes() ?? []
            for _ in 0..<200 where !left.isEmpty {
                try await Task.sleep(for: .milliseconds(10))
                left = marker.processes() ?? []
            }
            try expect(left.isEmpty, "processes \(left) are still there")
            return nil
        }
    }
}
