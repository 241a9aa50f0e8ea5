/// The users of a server in this process, and the answers to what clients say about themselves.
///
/// Only PLAIN (RFC 4616) is offered, in one message or, as memcached allows, with the message in a STEP. An
/// authenticated connection that says anything more about SASL loses its authentication: that is what memcached does.
struct SASLAccounts: Sendable {
    /// Where a connection stands.
    enum State: Hashable, Sendable {
        case stranger
        /// PLAIN was chosen and its message is awaited.
        case chosen
        case authenticated
    }

    /// Passwords by user name; a server without users offers no SASL.
    let passwords: [String: String]

    /// Whether clients have to authenticate.
    var isRequired: Bool { !passwords.isEmpty }

    /// Answers LIST, AUTH or STEP.
    /// - Parameters:
    ///   - command: Which of them.
    ///   - request: The request.
    ///   - state: Where the connection stands, and then where it stands after this.
    /// - Returns: The answer.
    func answer(_ command: ServerCommand, _ request: RawFrame, _ state: inout State) -> RawFrame {
        let before = state
        state = .stranger
        if command == .listMechanisms { return request.answer(value: Array("PLAIN".utf8)) }
        // AUTH and STEP with a longer name are refused without closing.
        guard request.key.count <= 32 else { return request.refusal(ServerRefusal.invalidArguments) }
        let name = String(decoding: request.key, as: UTF8.self).uppercased()
        guard name == "PLAIN", before != .authenticated else { return request.refusal(ServerRefusal.authentication) }
        if command == .authenticate, request.value.isEmpty {
            state = .chosen
            return request.answer(status: 0x21)
        }
        guard command == .authenticate || before == .chosen, accepts(request.value) else {
            return request.refusal(ServerRefusal.authentication)
        }
        state = .authenticated
        return request.answer(value: Array("Authenticated".utf8))
    }

    /// Judges the message `authzid NUL authcid NUL password`.
    private func accepts(_ message: [UInt8]) -> Bool {
        let parts = message.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        guard parts.count == 3, !parts[1].isEmpty, !parts[2].isEmpty else { return false }
        guard parts[0].isEmpty || parts[0] == parts[1] else { return false }
        guard let password = passwords[String(decoding: parts[1], as: UTF8.self)] else { return false }
        return Array(password.utf8) == parts[2]
    }
}
