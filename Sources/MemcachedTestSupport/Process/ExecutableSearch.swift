import Foundation

/// Finds programs: first in `PATH`, then where package managers put servers and administration tools that an ordinary
/// user's `PATH` leaves out.
enum ExecutableSearch {
    private static let wellKnownFolders = [
        "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin",
        "/opt/homebrew/bin", "/opt/homebrew/sbin", "/opt/local/bin", "/opt/local/sbin",
    ]

    /// Finds a program by name.
    /// - Parameters:
    ///   - name: The name of the program, or a path with a slash in it, which is only checked.
    ///   - searchPath: Folders separated by colons; nil takes the variable `PATH` of this process.
    /// - Returns: The path of an executable file, or nil if there is none.
    static func find(_ name: String, searchPath: String? = nil) -> String? {
        if name.contains("/") {
            return isExecutableFile(name) ? name : nil
        }
        let path = searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + (searchPath == nil ? wellKnownFolders : [])
        return folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutableFile)
    }

    private static func isExecutableFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
