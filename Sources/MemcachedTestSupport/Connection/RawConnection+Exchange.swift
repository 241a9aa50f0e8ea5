extension RawConnection {
    /// Sends one frame and receives the next one that comes.
    /// - Parameters:
    ///   - request: The frame to send.
    ///   - timeout: How long to wait for the answer.
    /// - Throws: What ``send(_:)`` and ``receiveFrame(timeout:)`` throw.
    /// - Returns: The answer, whatever it answers.
    public func exchange(
        _ request: RawFrame,
        timeout: Duration = .seconds(20)
    ) async throws(MemcachedTestSupportError) -> RawFrame {
        try await send(request.bytes)
        return try await receiveFrame(timeout: timeout)
    }

    /// Authenticates with SASL PLAIN (RFC 4616).
    /// - Parameters:
    ///   - user: The name of the user.
    ///   - password: The password.
    /// - Throws: What ``exchange(_:timeout:)`` throws.
    /// - Returns: The status of the answer: 0 when the server accepted, 0x20 when it refused.
    public func authenticate(user: String, password: String) async throws(MemcachedTestSupportError) -> UInt16 {
        let message = [0] + Array(user.utf8) + [0] + Array(password.utf8)
        return try await exchange(RawFrame(opcode: 0x21, key: Array("PLAIN".utf8), value: message)).status
    }

    /// Reads the server's statistics over the binary protocol.
    /// - Parameter group: The group, such as `settings`; nil for the general one.
    /// - Throws: What ``exchange(_:timeout:)`` throws, or an error of code
    ///   ``MemcachedTestSupportError/Code/unexpectedAnswer`` if the server refuses.
    /// - Returns: Name and value of each statistic.
    public func statistics(_ group: String? = nil) async throws(MemcachedTestSupportError) -> [String: String] {
        try await send(RawFrame(opcode: 0x10, key: Array((group ?? "").utf8)).bytes)
        var statistics: [String: String] = [:]
        while true {
            let frame = try await receiveFrame()
            guard frame.opcode == 0x10, frame.status == 0 else {
                let text = String(decoding: frame.value, as: UTF8.self)
                throw MemcachedTestSupportError(.unexpectedAnswer, "STAT was answered with \(frame.status): \(text)")
            }
            guard frame.keyLength > 0 else { return statistics }
            let name = String(decoding: frame.key, as: UTF8.self)
            statistics[name] = String(decoding: frame.value, as: UTF8.self)
        }
    }

    /// Reads the server's statistics over the text protocol, for a server that speaks nothing else.
    /// - Parameter group: The group, such as `settings`; nil for the general one.
    /// - Throws: What ``send(_:)`` and ``receiveLine(timeout:)`` throw, or an error of code
    ///   ``MemcachedTestSupportError/Code/unexpectedAnswer`` if the server refuses.
    /// - Returns: Name and value of each statistic.
    public func textStatistics(_ group: String? = nil) async throws(MemcachedTestSupportError) -> [String: String] {
        try await send(Array("stats\(group.map { " \($0)" } ?? "")\r\n".utf8))
        var statistics: [String: String] = [:]
        while true {
            let line = try await receiveLine()
            if line == "END" || line == "RESET" { return statistics }
            let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard words.count >= 2, words.first == "STAT" else {
                throw MemcachedTestSupportError(.unexpectedAnswer, "stats was answered with \(line)")
            }
            statistics[words[1]] = words.count > 2 ? words[2] : ""
        }
    }
}
