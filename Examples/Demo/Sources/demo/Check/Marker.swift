import Foundation

/// A variable in the environment of all processes of one run, by which the ones that are left are found.
struct Marker: Sendable {
    private let name = "SWIFT_MEMCACHED_DEMO"
    private let value = randomText(16)

    /// The variable, for the environment of a process.
    var variables: [String: String] { [name: value] }

    /// The processes that carry the variable; nil where the system does not show the environment of processes.
    func processes() -> [Int32]? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return nil }
        return names.compactMap { Int32($0) }.filter { variablesOfProcess($0)[name] == value }
    }
}

/// The environment that a process was started with; empty where the system does not show it.
func variablesOfProcess(_ identifier: Int32) -> [String: String] {
    // Files in /proc have no size, so they are read to their end.
    guard let file = FileHandle(forReadingAtPath: "/proc/\(identifier)/environ") else { return [:] }
    guard let data = try? file.readToEnd() else { return [:] }
    var variables: [String: String] = [:]
    for entry in data.split(separator: 0) {
        let pair = String(decoding: entry, as: UTF8.self).split(separator: "=", maxSplits: 1)
        if let name = pair.first { variables[String(name)] = pair.count > 1 ? String(pair[1]) : "" }
    }
    return variables
}
