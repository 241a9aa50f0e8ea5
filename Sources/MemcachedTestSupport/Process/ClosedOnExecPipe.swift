#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A pipe whose ends no spawned program inherits by accident.
struct ClosedOnExecPipe: ~Copyable {
    /// The reading end, a descriptor of at least 10, so that it never collides with the ones a child is given.
    private(set) var readEnd: CInt
    /// The writing end.
    private(set) var writeEnd: CInt

    /// Opens a pipe.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    init() throws(MemcachedTestSupportError) {
        self = try Self.open()
    }

    private init(readEnd: CInt, writeEnd: CInt) {
        self.readEnd = readEnd
        self.writeEnd = writeEnd
    }

    private static func open() throws(MemcachedTestSupportError) -> ClosedOnExecPipe {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw .system("pipe", errno) }
        // Swift sees no `pipe2`. What is spawned by `Spawn` in between inherits neither end, see there.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        let readEnd = fcntl(ends[0], F_DUPFD_CLOEXEC, 10)
        let error = errno
        close(ends[0])
        guard readEnd >= 0 else {
            close(ends[1])
            throw .system("fcntl(F_DUPFD_CLOEXEC)", error)
        }
        return ClosedOnExecPipe(readEnd: readEnd, writeEnd: ends[1])
    }

    deinit {
        if readEnd >= 0 { close(readEnd) }
        if writeEnd >= 0 { close(writeEnd) }
    }

    /// Hands the writing end over to the caller, who then has to close it.
    /// - Returns: The descriptor.
    mutating func takeWriteEnd() -> CInt {
        let descriptor = writeEnd
        writeEnd = -1
        return descriptor
    }

    /// Writes bytes, few enough for the pipe to take at once, and closes the writing end.
    /// - Parameter bytes: What the reader shall see before the end of file.
    mutating func finish(writing bytes: [UInt8]) {
        let descriptor = takeWriteEnd()
        guard descriptor >= 0 else { return }
        _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
    }
}
