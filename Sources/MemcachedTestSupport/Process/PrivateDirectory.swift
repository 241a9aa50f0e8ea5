import Foundation

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A temporary directory that only the current user can enter, for the files of one server.
struct PrivateDirectory: Sendable {
    /// The path of the directory, without a slash at its end.
    let path: String

    /// Makes a new directory with mode 0700 and a random name.
    ///
    /// The name is kept short because the path of a unix socket in it may have no more than 103 bytes on macOS.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    init() throws(MemcachedTestSupportError) {
        var folder = FileManager.default.temporaryDirectory.path
        while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
        var template = "\(folder)/mc-XXXXXX".utf8CString.map { $0 }
        guard mkdtemp(&template) != nil else { throw .system("mkdtemp in \(folder)", errno) }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of a file in the directory.
    /// - Parameter name: The name of the file.
    /// - Returns: Its path.
    func file(_ name: String) -> String {
        "\(path)/\(name)"
    }

    /// Writes a file that only the current user can read.
    /// - Parameters:
    ///   - name: The name of the file.
    ///   - text: What it shall contain.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    func write(_ name: String, _ text: String) throws(MemcachedTestSupportError) {
        let created = FileManager.default.createFile(
            atPath: file(name),
            contents: Data(text.utf8),
            attributes: [.posixPermissions: 0o600]
        )
        guard created else { throw MemcachedTestSupportError(.system, "Could not write the file \(file(name)).") }
    }

    /// Reads a file as text, with replacement characters where it is not UTF-8.
    /// - Parameter name: The name of the file.
    /// - Returns: Its text, empty if there is no such file.
    func read(_ name: String) -> String {
        String(decoding: FileManager.default.contents(atPath: file(name)) ?? Data(), as: UTF8.self)
    }

    /// Makes a directory inside this one.
    /// - Parameter name: Its name.
    /// - Throws: An error of code ``MemcachedTestSupportError/Code/system``.
    func makeDirectory(_ name: String) throws(MemcachedTestSupportError) {
        guard mkdir(file(name), 0o700) == 0 || errno == EEXIST else { throw .system("mkdir", errno) }
    }

    /// Removes the directory with everything in it; what is not there any more is no error.
    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
