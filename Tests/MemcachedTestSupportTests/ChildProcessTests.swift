import Foundation
import NIOCore
import Testing

@testable import MemcachedTestSupport

@Suite(.timeLimit(.minutes(2))) struct ChildProcessTests {
    private func start(
        _ script: String,
        input: String = "",
        output: String = "/dev/null",
        directory: String? = nil
    )
        throws -> ChildProcess
    {
        try ChildProcess.start(
            ChildCommand(
                executable: "/bin/sh",
                arguments: ["-c", script],
                environment: ["PATH": "/usr/bin:/bin"],
                standardInput: Array(input.utf8),
                outputPath: output,
                directoryToRemove: directory
            )
        )
    }

    @Test func `a child ends with its status`() async throws {
        #expect(try await start("exit 7").waitForExit() == .exited(status: 7))
        let child = try start("kill -15 $$")
        #expect(await child.waitForExit() == .signalled(15))
        #expect(await child.waitForExit() == .signalled(15))
        #expect(child.exit == .signalled(15))
        #expect(!child.send(signal: 9))
    }

    @Test func `a child reads its input and appends to its output`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        try directory.write("out", "before ")
        let child = try start("cat; echo done >&2", input: "hello ", output: directory.file("out"))
        #expect(await child.waitForExit() == .exited(status: 0))
        #expect(directory.read("out") == "before hello done\n")
    }

    @Test func `a child inherits no descriptor`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        // A descriptor without close-on-exec, as the sockets of NIO are.
        let leak = dup(0)
        defer { close(leak) }
        let child = try start("ls /dev/fd/ | grep -c .", output: directory.file("out"))
        #expect(await child.waitForExit() == .exited(status: 0))
        // Input, output, error and the descriptor with which ls reads the directory.
        #expect(directory.read("out").split(separator: "\n").first == "4")
    }

    @Test func `a child does not inherit that a signal is ignored`() async throws {
        signal(SIGPIPE, SIG_IGN)
        #expect(try await start("kill -13 $$; exit 5").waitForExit() == .signalled(13))
    }

    @Test func `a stubborn child is killed`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        let child = try start("trap '' TERM; echo ready; while :; do sleep 1; done", output: directory.file("out"))
        while directory.read("out").isEmpty { await Task.yield() }
        #expect(await child.terminate(patience: .milliseconds(20)) == .signalled(9))
    }

    @Test func `an abandoned child is killed and its directory removed, its sibling lives`() async throws {
        let directory = try PrivateDirectory()
        let first = try start("exec sleep 1000", directory: directory.path)
        let second = try start("exec sleep 1000")
        first.abandon()
        #expect(await first.waitForExit() == .signalled(9))
        while FileManager.default.fileExists(atPath: directory.path) { await Task.yield() }
        #expect(second.exit == nil)
        await second.terminate()
    }

    @Test func `a child does not outlive a parent that is killed`() async throws {
        // The parent is a shell here that holds the only writing ends of the pipes which the two shells read.
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        let victim = try PrivateDirectory()
        let command = ChildCommand(
            executable: "/bin/sleep",
            arguments: ["1000"],
            directoryToRemove: victim.path
        )
        let (gate, lifeline) = (directory.file("gate"), directory.file("lifeline"))
        let parent = try start(
            """
            mkfifo \(gate) \(lifeline)
            \(quoted(command.watchdogArgumentVector)) 3<\(lifeline) &
            exec 4>\(lifeline)
            \(quoted(command.argumentVector)) 3<\(gate) 4>&- &
            program=$!
            exec 5>\(gate)
            echo $program >&4
            echo >&5
            echo $program >\(directory.file("pid"))
            while :; do read -r line </dev/zero; done
            """,
            output: directory.file("out")
        )
        while directory.read("pid").isEmpty, parent.exit == nil { await Task.yield() }
        let text = directory.read("pid").trimmingCharacters(in: .whitespacesAndNewlines)
        let program = try #require(pid_t(text), "\(directory.read("out"))")
        #expect(isAlive(program))
        parent.send(signal: SIGKILL)
        _ = await parent.waitForExit()
        while isAlive(program) { await Task.yield() }
        while FileManager.default.fileExists(atPath: victim.path) { await Task.yield() }
    }

    @Test func `a program whose parent is gone before the start does not start`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        let command = ChildCommand(executable: "/usr/bin/touch", arguments: [directory.file("started")])
        let shell = try start(quoted(command.argumentVector) + " 3</dev/null")
        #expect(await shell.waitForExit() == .exited(status: 126))
        #expect(!FileManager.default.fileExists(atPath: directory.file("started")))
    }

    @Test func `a child whose watchdog was killed ends in order`() async throws {
        let child = try start("exec sleep 1000")
        kill(child.watchdog.identifier, SIGKILL)
        #expect(await child.terminate() == .signalled(15))
    }

    private func quoted(_ vector: [String]) -> String {
        vector.map { "'" + $0.replacing("'", with: #"'\''"#) + "'" }.joined(separator: " ")
    }

    /// Whether a process runs; one that has ended and not been reaped does not.
    private func isAlive(_ process: pid_t) -> Bool {
        guard kill(process, 0) == 0 else { return false }
        guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return true }
        return !status.contains(") Z ")
    }

    @Test func `a program that is not there is an exit of the shell`() async throws {
        let child = try ChildProcess.start(ChildCommand(executable: "/no/such/program"))
        #expect(await child.waitForExit() == .exited(status: 127))
    }

    @Test func `programs are found in the path and by path`() throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        try directory.write("plain", "text")
        try directory.makeDirectory("folder")
        #expect(ExecutableSearch.find("sh", searchPath: "\(directory.path):/bin") == "/bin/sh")
        #expect(ExecutableSearch.find("plain", searchPath: directory.path) == nil)
        #expect(ExecutableSearch.find("folder", searchPath: directory.path) == nil)
        #expect(ExecutableSearch.find("/bin/sh") == "/bin/sh")
        #expect(ExecutableSearch.find("/no/such/program") == nil)
    }

    @Test func `a private directory is private and goes`() throws {
        let directory = try PrivateDirectory()
        let attributes = try FileManager.default.attributesOfItem(atPath: directory.path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        try directory.write("file", "secret")
        let file = try FileManager.default.attributesOfItem(atPath: directory.file("file"))
        #expect(file[.posixPermissions] as? Int == 0o600)
        directory.remove()
        directory.remove()
        #expect(!FileManager.default.fileExists(atPath: directory.path))
        #expect(directory.read("file") == "")
    }

    @Test func `missing SASL tools are an error that says what to install`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await SASLFiles.write(.init(user: "u", password: "p"), into: directory, tool: "no-such-saslpasswd2")
        }
        #expect(error?.code == .saslToolsMissing)
        #expect(error?.message.contains("sasl2-bin") == true)
    }

    @Test func `a refused user is an error without the password`() async throws {
        let directory = try PrivateDirectory()
        defer { directory.remove() }
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await SASLFiles.write(.init(user: "u", password: ""), into: directory)
        }
        #expect(error?.code == .system)
        #expect(error?.message.contains("saslpasswd2") == true)
    }
}
