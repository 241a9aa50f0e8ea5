#if HummingbirdSupport
import Foundation
import Logging
import Synchronization

/// Everything that a run has said to anybody, to be searched for what it must not say.
final class Evidence: Sendable {
    private let lines = Mutex<[(source: String, text: String)]>([])

    var count: Int { lines.withLock { $0.count } }

    func note(_ source: String, _ text: String) {
        lines.withLock { $0.append((source, text)) }
    }

    /// An error in every way that it can be printed.
    func note(_ source: String, error: any Error) {
        note(source, "\(error)")
        note(source, String(reflecting: error))
        note(source, error.localizedDescription)
        note(source, dumped: error)
    }

    /// A value as `dump` shows it, with all that it holds.
    func note(_ source: String, dumped value: some Any) {
        var text = ""
        dump(value, to: &text)
        note(source, text)
    }

    /// A logger that takes everything down.
    func logger(_ label: String) -> Logger {
        Logger(label: label) { _ in Recorder(evidence: self, label: label) }
    }

    /// Where a text stands, in any of the forms in which it could be written: what is before and behind it.
    func places(of secret: String) -> [String] {
        let all = Data(lines.withLock { $0.map { "\($0.source): \($0.text)" } }.joined(separator: "\n").utf8)
        return Self.forms(of: secret)
            .compactMap { form in
                guard let found = all.range(of: Data(form.utf8)) else { return nil }
                let before = all[max(all.startIndex, found.lowerBound - 200)..<found.lowerBound]
                let behind = all[found.upperBound..<min(all.endIndex, found.upperBound + 50)]
                return "\(String(decoding: before, as: UTF8.self))<…>\(String(decoding: behind, as: UTF8.self))"
            }
    }

    /// As it is, in hexadecimal digits, as a list of bytes, and in Base64 wherever it may begin.
    static func forms(of secret: String) -> [String] {
        let bytes = Array(secret.utf8)
        var forms = [
            secret, String(secret.reversed()), bytes.map { String($0, radix: 16) }.joined(),
            bytes.map { String($0, radix: 16).uppercased() }.joined(), bytes.map { "\($0)" }.joined(separator: ", "),
        ]
        for offset in 0..<3 {
            // What stands before and behind decides about the characters at both ends, so those are left out.
            let text = Data([UInt8](repeating: 0, count: offset) + bytes).base64EncodedString()
            forms.append(String(text.dropFirst(offset == 0 ? 0 : 4).prefix { $0 != "=" }.dropLast(2)))
        }
        return forms
    }

    private struct Recorder: LogHandler {
        let evidence: Evidence
        let label: String
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            evidence.note("log of \(label)", "\(event.level) \(event.message) \(all) \(event.source)")
            if let error = event.error { evidence.note("log of \(label)", error: error) }
        }
    }
}

extension Evidence: CustomReflectable {
    /// Without children: a dump of what holds one of our loggers must not show all that was said before.
    var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// The arguments of this process and of those that it has started.
enum ArgumentWatch {
    /// The command lines of this process and of what descends from it; none where the system does not show them.
    static func commandLines() -> [String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return [] }
        var parents: [Int32: Int32] = [:]
        for process in names.compactMap({ Int32($0) }) { parents[process] = parent(of: process) }
        let own = ProcessInfo.processInfo.processIdentifier
        return parents.keys.filter { descends($0, from: own, parents) }.map { read("/proc/\($0)/cmdline") }
    }

    private static func descends(_ process: Int32, from ancestor: Int32, _ parents: [Int32: Int32]) -> Bool {
        var current: Int32? = process
        for _ in 0..<64 {
            guard let process = current else { return false }
            if process == ancestor { return true }
            current = parents[process]
        }
        return false
    }

    /// The fourth word of `stat`, behind the name, which may hold anything.
    private static func parent(of process: Int32) -> Int32? {
        let words = read("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        return words.count > 1 ? Int32(words[1]) : nil
    }

    private static func read(_ path: String) -> String {
        // Files in /proc have no size, so they are read to their end.
        guard let file = FileHandle(forReadingAtPath: path), let data = try? file.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self)
    }
}
#endif
