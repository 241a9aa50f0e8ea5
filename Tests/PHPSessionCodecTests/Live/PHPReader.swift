import Foundation
import PHPSessionCodec

/// PHP itself as a reader of sessions.
enum PHPReader {
    /// What PHP made of a session.
    enum Answer: Equatable, CustomStringConvertible {
        case tree(JSONTree)
        case refused(String)

        var description: String {
            switch self {
            case .tree(let tree): tree.description
            case .refused(let warnings): "refused: \(warnings)"
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Has `php` read sessions in one format, all in one process.
    ///
    /// - Throws: ``Failure`` where PHP or one of its extensions is missing, or did not answer for every session.
    static func read(_ sessions: [[UInt8]], _ format: PHPSessionFormat) throws -> [Answer] {
        try lines(sessions, format).map { try answer($0) }
    }

    /// Has `php` store sessions of its own in one format, each made by PHP source that fills `$_SESSION`.
    ///
    /// - Returns: What PHP gave the session handler, and the tree of what it reads there itself; nil where it cannot.
    static func write(
        _ sources: [String],
        _ format: PHPSessionFormat
    ) throws -> [(bytes: [UInt8], tree: JSONTree)?] {
        try lines(sources.map { Array($0.utf8) }, format, mode: ["write"])
            .map { line in
                let parts = line.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
                guard parts.count == 3, parts[0] == "ok", let data = Data(base64Encoded: String(parts[1])) else {
                    return nil
                }
                return ([UInt8](data), try JSONTree.parse(String(parts[2])).withoutFloatText)
            }
    }

    /// The lines that the script writes, one for each line of its input.
    static func lines(
        _ sessions: [[UInt8]],
        _ format: PHPSessionFormat,
        mode: [String] = []
    ) throws -> [String] {
        let (answers, status) = try answers(sessions, format, mode: mode)
        guard status == 0, answers.count == sessions.count else {
            throw Failure(description: "php ended with \(status) after \(answers.count) sessions")
        }
        return answers
    }

    /// The same for sessions that may cost PHP its life or have no end: nil for those.
    static func readSurviving(_ sessions: [[UInt8]], _ format: PHPSessionFormat) throws -> [Answer?] {
        var all: [Answer?] = []
        while all.count < sessions.count {
            let (lines, status) = try answers(Array(sessions.dropFirst(all.count)), format, mode: [])
            if status == 127 { throw Failure(description: "there is no php") }
            all += try lines.map { $0 == "endless" ? nil : try answer($0) }
            if all.count < sessions.count { all.append(nil) }
        }
        return all
    }

    private static func answer(_ line: String) throws -> Answer {
        guard line.hasPrefix("ok\t") else { return .refused(line) }
        return .tree(try JSONTree.parse(String(line.dropFirst(3))).withoutFloatText)
    }

    /// The lines that the script has written before it ended, and its status.
    private static func answers(
        _ sessions: [[UInt8]],
        _ format: PHPSessionFormat,
        mode: [String]
    ) throws -> (lines: [String], status: Int32) {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "session.php")
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "input")
        let output = folder.appending(path: "output")
        let lines = sessions.map { Data($0).base64EncodedString() + "\n" }.joined()
        try Data(lines.utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["php", script.path(), format.rawValue] + mode
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let answers = try Data(contentsOf: output).split(separator: UInt8(ascii: "\n"))
        return (answers.map { String(decoding: $0, as: UTF8.self) }, process.terminationStatus)
    }
}

extension JSONTree {
    /// Whether an object that came before is held by a reference that did not.
    ///
    /// igbinary and msgpack tie all references to one object together, in PHP's own hands too.
    var hasObjectInTwoReferences: Bool {
        switch self {
        case .object(let members):
            members["ref_id"] != nil && members["same_as"] != nil
                || members.values.contains(where: \.hasObjectInTwoReferences)
        case .array(let items): items.contains(where: \.hasObjectInTwoReferences)
        default: false
        }
    }

    /// A tree in which floats are known by their bits alone, every NAN is one, and names that are not UTF-8 are known by
    /// their bytes.
    var withoutFloatText: JSONTree {
        switch self {
        case .object(var members):
            if members["t"] == .string("float") {
                members["v"] = nil
                if members["bits"] == .string("fff8000000000000") { members["bits"] = .string("7ff8000000000000") }
            }
            for name in ["class", "prop", "case"] where members["\(name)_b64"] != nil { members[name] = nil }
            return .object(members.mapValues(\.withoutFloatText))
        case .array(let items): return .array(items.map(\.withoutFloatText))
        default: return self
        }
    }

    static func tree(of session: PHPSession) throws -> JSONTree {
        try parse(try session.root.typedJSON()).withoutFloatText.withIntegersAsProperties
    }

    /// A tree in which the integer keys of objects are properties, as PHP makes them where a class has no `__unserialize`.
    private var withIntegersAsProperties: JSONTree {
        switch self {
        case .array(let items): return .array(items.map(\.withIntegersAsProperties))
        case .object(var members):
            members = members.mapValues(\.withIntegersAsProperties)
            if let properties = members["p"]?.items {
                members["p"] = .array(properties.map(\.withIntegerAsProperty))
            }
            return .object(members)
        default: return self
        }
    }

    private var withIntegerAsProperty: JSONTree {
        guard let number = items.first?["i"], let value = items.last else { return self }
        return .array([.object(["prop": number, "vis": .string("public")]), value])
    }
}

extension PHPSession {
    /// The bytes to store, which a real PHP has read as the same session.
    ///
    /// Where an object writes something other than its properties, PHP has read them at least.
    func encodedAndReadByPHP() throws -> [UInt8] {
        let bytes = try encoded()
        let answer = try PHPReader.read([bytes], format).first
        guard case .tree(let tree)? = answer else {
            throw PHPReader.Failure(description: answer.map { "\($0)" } ?? "PHP said nothing")
        }
        let own = try JSONTree.tree(of: self)
        if !own.description.contains("serialized:"), tree != own {
            throw PHPReader.Failure(description: "PHP read \(tree) in place of \(own)")
        }
        return bytes
    }
}
