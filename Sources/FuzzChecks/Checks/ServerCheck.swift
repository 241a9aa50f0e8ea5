import Memcached

/// A list of servers that is accepted can be written down again; one that is refused shows no credentials.
///
/// Input: the list.
enum ServerCheck {
    /// Shorter ones may stand in an error by chance.
    private static let shortestSecret = 12

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        let text = String(decoding: bytes, as: UTF8.self)
        let servers: [MemcachedServer]
        do throws(MemcachedError) {
            servers = try MemcachedServer.list(parsing: text)
        } catch {
            guard error.code == .invalidConfiguration else { return .broken("a list is refused with another error") }
            for element in text.split(separator: ",") {
                guard let at = element.unicodeScalars.lastIndex(of: "@") else { continue }
                let secret = String(element.unicodeScalars[..<at]).trimmingBlanks()
                // Other parts of the text may be shown, and hold the same by chance.
                if secret.utf8.count >= shortestSecret, text.ranges(of: secret).count == 1,
                    "\(error)".contains(secret)
                {
                    return .broken("an error shows what stands before an @")
                }
            }
            return .refused
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

    private static func written(_ server: MemcachedServer) -> String {
        switch server.address {
        case .tcp: "\(server.label):\(server.weight)"
        case .unix: server.weight == 1 ? server.label : "\(server.label):0:\(server.weight)"
        }
    }
}
