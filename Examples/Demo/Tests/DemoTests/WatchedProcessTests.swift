import Foundation
import Testing

@testable import demo

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct WatchedProcessTests {
    private func shell(_ script: String, environment: [String: String] = [:]) throws -> WatchedProcess {
        try WatchedProcess("/bin/sh", ["-c", script], environment: environment)
    }

    @Test func `what a program prints comes line by line, and ends with it`() async throws {
        let process = try shell("echo one; echo two >&2; echo $WORD; exit 3", environment: ["WORD": "three"])
        var lines: [String] = []
        for await line in process.lines { lines.append(line) }
        #expect(lines == ["one", "two", "three"])
        #expect(await process.waitForExit() == .exited(status: 3))
        #expect(process.lastLines == lines)
    }

    @Test func `a program that minds SIGTERM ends by itself`() async throws {
        let process = try shell("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done")
        for await line in process.lines where line == "ready" { break }
        #expect(await process.terminate() == .exited(status: 0))
    }

    @Test func `a program that does not mind SIGTERM is killed`() async throws {
        let process = try shell("trap '' TERM; echo ready; while :; do sleep 0.01; done")
        for await line in process.lines where line == "ready" { break }
        #expect(await process.terminate(patience: .milliseconds(50)) == .signalled(SIGKILL))
    }

    @Test func `a signal to a program that has ended goes nowhere`() async throws {
        let process = try shell("exit 0")
        #expect(await process.waitForExit() == .exited(status: 0))
        process.send(signal: SIGKILL)
        #expect(process.exit == .exited(status: 0))
    }

    @Test func `a program dies with the one who has started it`() throws {
        let child = try Spawn.start("/bin/sleep", ["1000"], environment: [:])
        // What the end of this process would do.
        Descriptors.close(child.lifeline)
        var status: CInt = 0
        #expect(waitpid(child.identifier, &status, 0) == child.identifier)
        #expect(WatchedProcess.Exit(waitStatus: status) == .signalled(SIGKILL))
        Descriptors.close(child.output)
    }

    @Test func `a program that does not exist is reported by its exit`() async throws {
        let process = try WatchedProcess("/does/not/exist", [], environment: [:])
        #expect(await process.waitForExit() == .exited(status: 127))
    }

    @Test func `what a program has started and left ends with it`() async throws {
        let script = "sleep 1000 & echo $!; exit 7"
        let process = try WatchedProcess("/bin/sh", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
        var lines = process.lines.makeAsyncIterator()
        let left = try #require(await lines.next().flatMap { pid_t($0) })
        #expect(await process.waitForExit() == .exited(status: 7))
        // The system gives it to somebody who reaps it.
        for _ in 1...3_000 where kill(left, 0) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(kill(left, 0) == -1)
    }
}
