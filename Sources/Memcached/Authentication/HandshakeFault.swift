import MemcachedWire

/// Says in words why a handshake did not come about; never shows a user name, a password or what a server sent.
enum HandshakeFault {
    /// LIST_MECHS was not answered with a list.
    static func noMechanisms(_ status: Status) -> MemcachedError {
        let operation = Opcode.saslListMechanisms.description
        switch status {
        case .unknownCommand:
            return unsupported(operation, "the password was not sent")
        case .authenticationFailure, .authenticationError:
            return MemcachedError(
                .authenticationRefused,
                "the server refused to name its SASL mechanisms; the password was not sent",
                operation: operation,
                status: status.rawValue,
                outcome: .rejected
            )
        default:
            return ServerFault.error(status, opcode: .saslListMechanisms)
        }
    }

    /// LIST_MECHS was answered with more than any list of mechanisms has.
    static func endlessList(_ byteCount: Int) -> MemcachedError {
        MemcachedError(
            .noSuitableMechanism,
            "the server's list of SASL mechanisms has \(byteCount) bytes and was not read; the password was not sent. "
                + "Check that a memcached listens there",
            operation: Opcode.saslListMechanisms.description,
            outcome: .rejected
        )
    }

    /// AUTH or STEP was answered with anything but what goes on.
    static func refused(_ status: Status, _ opcode: Opcode) -> MemcachedError {
        switch status {
        case .authenticationFailure, .authenticationError:
            return credentialsRefused(opcode, status)
        case .unknownCommand:
            return unsupported(opcode.description, "it had named SASL mechanisms and does not know AUTH")
        default:
            return ServerFault.error(status, opcode: opcode)
        }
    }

    /// The server's part of SCRAM is not that of a server that knows the password.
    static func unproven(_ failure: SCRAMFailure, _ opcode: Opcode) -> MemcachedError {
        let detail: String
        switch failure {
        case .refused:
            return credentialsRefused(opcode, nil)
        case .malformed:
            detail = "the server's part of SCRAM is malformed (RFC 5802 section 7)"
        case .mandatoryExtension:
            detail = "the server demands an extension of SCRAM that is not known here"
        case .foreignNonce:
            detail = "the server did not take up the client's nonce: it may be replaying another exchange"
        case .iterations(let count):
            let accepted = SCRAMServerFirst.acceptedIterations
            detail =
                "the server wants \(count) iterations of SCRAM, and \(accepted.lowerBound) to \(accepted.upperBound) are "
                + "accepted: fewer are too weak, more would keep this process busy"
        case .wrongSignature:
            detail = "the server could not prove that it knows the password: it may be another one than it should be"
        }
        return MemcachedError(
            .serverNotAuthenticated,
            "\(detail). Nothing but the user name and a proof was sent, never the password",
            operation: opcode.description,
            outcome: .rejected
        )
    }

    private static func credentialsRefused(_ opcode: Opcode, _ status: Status?) -> MemcachedError {
        MemcachedError(
            .authenticationRefused,
            "the server refused user name and password. Check both; a user may need its realm (user@host); "
                + "a hosted cache needs some minutes to learn new credentials",
            operation: opcode.description,
            status: status?.rawValue,
            outcome: .rejected
        )
    }

    private static func unsupported(_ operation: String, _ remark: String) -> MemcachedError {
        MemcachedError(
            .authenticationUnsupported,
            "credentials are configured and the server has no SASL; \(remark). Start the server with -S, or remove the "
                + "credentials",
            operation: operation,
            status: Status.unknownCommand.rawValue,
            outcome: .rejected
        )
    }
}
