/// One step of a workload, repeated for as long as a repetition lasts.
protocol Step {
    /// How many operations one step counts for.
    static var operations: Int { get }
    /// Does them, and fails unless every reply is what it should be.
    mutating func run() async throws
}

extension Options {
    /// Repeats a step as often as the command line asks for, and prints a line for each repetition.
    ///
    /// - Parameters:
    ///   - step: What to repeat.
    ///   - stride: How many steps between two looks at the clock.
    /// - Throws: What a step throws.
    func drive<Repeated: Step>(_ step: inout Repeated, stride: Int = 16) async throws {
        if operations > 0 {
            let meter = Meter()
            var done = 0
            while done < operations {
                try await step.run()
                done += Repeated.operations
            }
            meter.report(0, operations: done)
            return
        }
        let warm = nanoseconds() + UInt64(warmUp * 1e9)
        while nanoseconds() < warm { try await step.run() }
        for repetition in 0..<repetitions {
            let meter = Meter()
            let end = meter.start + UInt64(seconds * 1e9)
            var done = 0
            repeat {
                for _ in 0..<stride { try await step.run() }
                done += stride * Repeated.operations
            } while nanoseconds() < end
            meter.report(repetition, operations: done)
        }
    }

    /// Has each of `users` tasks repeat a step of its own, and prints a line for each repetition.
    ///
    /// - Parameter make: Makes the step of the user with this number.
    /// - Throws: What a step throws.
    func driveUsers<Repeated: Step & Sendable>(_ make: (Int) -> Repeated) async throws {
        let steps = (0..<users).map(make)
        for repetition in (operations > 0 ? 0 : -1)..<(operations > 0 ? 1 : repetitions) {
            let quota = operations > 0 ? max(1, operations / users) : 0
            let meter = Meter()
            let end = meter.start + UInt64((repetition < 0 ? warmUp : seconds) * 1e9)
            let latencies = try await withThrowingTaskGroup(of: [UInt32].self) { group in
                for step in steps {
                    group.addTask { try await user(step, quota: quota, until: end) }
                }
                var all: [UInt32] = []
                for try await one in group { all += one }
                return all
            }
            if repetition >= 0 {
                meter.report(repetition, operations: latencies.count * Repeated.operations, latencies: latencies)
            }
        }
    }

    private func user<Repeated: Step>(
        _ step: Repeated,
        quota: Int,
        until end: UInt64
    ) async throws -> [UInt32] {
        var step = step
        var latencies: [UInt32] = []
        // Of all users together a megabyte at first.
        latencies.reserveCapacity(max(1, (1 << 18) / users))
        var now = nanoseconds()
        while quota > 0 ? latencies.count < quota : now < end {
            let began = now
            try await step.run()
            now = nanoseconds()
            latencies.append(UInt32(clamping: now - began))
        }
        return latencies
    }
}
