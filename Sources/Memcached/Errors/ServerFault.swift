import MemcachedWire

/// Turns a status that is no answer of its operation into an error.
enum ServerFault {
    /// The error of a status.
    ///
    /// - Parameters:
    ///   - status: Not success.
    ///   - opcode: What was asked.
    ///   - isAuthenticated: Whether credentials were accepted on the connection.
    /// - Returns: An error whose text says what to do.
    static func error(_ status: Status, opcode: Opcode, isAuthenticated: Bool = false) -> MemcachedError {
        let (code, detail) = explanation(status, opcode: opcode, isAuthenticated: isAuthenticated)
        return MemcachedError(
            code,
            detail,
            operation: opcode.description,
            status: status.rawValue,
            outcome: .rejected
        )
    }

    private static func explanation(
        _ status: Status,
        opcode: Opcode,
        isAuthenticated: Bool
    ) -> (MemcachedError.Code, String) {
        switch status {
        case .tooLarge:
            return (
                .valueTooLarge,
                "the item is larger than the server takes (its -I option, 1 MiB by default). Store less, or compress. "
                    + "After a SET the value that was there before is gone"
            )
        case .invalidArguments:
            return (.invalidRequest, "the server found the request malformed and closes the connection")
        case .nonNumeric:
            return (.nonNumericValue, "the stored value is not a decimal number from 0 to 2^64 - 1")
        case .authenticationFailure, .authenticationError:
            return denied(opcode: opcode, isAuthenticated: isAuthenticated)
        case .unknownCommand:
            return (.unknownCommand, "the server does not know this command")
        case .outOfMemory:
            return (.outOfMemory, "the server has no memory for the item and may not evict any (-M); give it more")
        case .busy, .temporaryFailure:
            return (.temporaryFailure, "the server is busy or failed for a moment; try later")
        case .notSupported:
            return (.notPermitted, "the server does not support this command")
        default:
            return (.serverError, "the server answered with status \(status)")
        }
    }

    private static func denied(opcode: Opcode, isAuthenticated: Bool) -> (MemcachedError.Code, String) {
        if opcode == .flush || opcode == .flushQuiet {
            return (.notPermitted, "the server does not permit FLUSH (-F), or demands authentication")
        }
        if isAuthenticated {
            return (.notPermitted, "the server does not permit this to the authenticated user")
        }
        return (
            .authenticationRequired,
            "the server demands SASL and no credentials are configured; set user name and password"
        )
    }
}
