import Memcached

/// A list of servers that is accepted can be written down again; nothing is shown of what stands before an @.
///
/// Input: the list.
enum ServerCheck {
    /// Put in where credentials stand.
    ///
    /// What is shown otherwise may hold by chance what they hold; nothing else holds this.
    private static let mark = "QzjXkvWq"

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        let text = String(decoding: bytes, as: UTF8.self)
        for text in markings(of: text) {
            do throws(MemcachedError) {
                _ = try MemcachedServer.list(parsing: text)
                return .broken("a list with an @ was accepted")
            } catch {
                if holdsMark("\(error)") { return .broken("an error shows what stands before an @") }
            }
        }

        let servers: [MemcachedServer]
        do throws(MemcachedError) {
            servers = try MemcachedServer.list(parsing: text)
        } catch {
            return error.code == .invalidConfiguration ? .refused : .broken("a list is refused with another error")
        }
        guard !servers.isEmpty else { return .broken("a list without a server was accepted") }
        do throws(MemcachedError) {
            for server in servers {
                guard try MemcachedServer(parsing: written(server)) == server else {
                    return .broken("a server written down reads as another one")
                }
            }
        } catch {
            return .broken("a server written down is refused")
        }
        return .accepted
    }

    /// The text with ``mark`` at one place before its last @, for the places that a reader may tell apart: its two ends,
    /// and behind a comma and both sides of an @ that may belong to a password.
    private static func markings(of text: String) -> [String] {
        let scalars = text.unicodeScalars
        guard let last = scalars.lastIndex(of: "@"), !holdsMark(text) else { return [] }
        let before = scalars[..<last]
        var places: Set<String.Index> = [before.startIndex, last]
        if let at = before.firstIndex(of: "@") { places.formUnion([at, before.index(after: at)]) }
        if let comma = before.lastIndex(of: ",") { places.insert(before.index(after: comma)) }
        return places.map { place in
            var marked = String(scalars[..<place])
            marked.unicodeScalars.append(contentsOf: mark.unicodeScalars)
            marked.unicodeScalars.append(contentsOf: scalars[place...])
            return marked
        }
    }

    /// By bytes: a character may have grown together with what stands beside it.
    private static func holdsMark(_ text: String) -> Bool {
        let mark = Array(mark.utf8)
        let bytes = Array(text.utf8)
        // Its first byte first: this runs five times for each input.
        return bytes.indices.contains { bytes[$0] == mark.first && bytes[$0...].starts(with: mark) }
    }

    private static func written(_ server: MemcachedServer) -> String {
        switch server.address {
        case .tcp: "\(server.label):\(server.weight)"
        case .unix: server.weight == 1 ? server.label : "\(server.label):0:\(server.weight)"
        }
    }
}
