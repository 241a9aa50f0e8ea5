/// The status word of a response.
///
/// An open set: hosted proxies and other servers send words that memcached does not; treat those as errors and
/// their body as text. Source: memcached `protocol_binary.h`; who sends what: `reference/binary_protocol.md` §3.
@usableFromInline package struct Status: RawRepresentable, Hashable, Sendable {
    @usableFromInline package let rawValue: UInt16

    @inlinable package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Inlinable as all of this: statuses are compared for each response, in another module.
    @inlinable package static func == (lhs: Status, rhs: Status) -> Bool { lhs.rawValue == rhs.rawValue }

    @inlinable package static var success: Status { Status(rawValue: 0x00) }
    @inlinable package static var notFound: Status { Status(rawValue: 0x01) }
    /// CAS mismatch, or ADD of a key that is there.
    @inlinable package static var exists: Status { Status(rawValue: 0x02) }
    @inlinable package static var tooLarge: Status { Status(rawValue: 0x03) }
    /// Malformed request; the server closes the connection.
    @inlinable package static var invalidArguments: Status { Status(rawValue: 0x04) }
    /// APPEND or PREPEND found nothing to extend, or the sum is too large.
    @inlinable package static var notStored: Status { Status(rawValue: 0x05) }
    @inlinable package static var nonNumeric: Status { Status(rawValue: 0x06) }
    @inlinable package static var wrongVBucket: Status { Status(rawValue: 0x07) }
    /// "Authentication error" of the protocol text; memcached itself sends ``authenticationFailure``.
    @inlinable package static var authenticationError: Status { Status(rawValue: 0x08) }
    /// "Authentication continue" of the protocol text; memcached itself sends ``authenticationContinue``.
    @inlinable package static var authenticationContinueAlternative: Status { Status(rawValue: 0x09) }
    /// Refused credentials, a command before authentication, or FLUSH on a server with `-F`.
    @inlinable package static var authenticationFailure: Status { Status(rawValue: 0x20) }
    /// The server's SASL challenge follows; answer with a STEP.
    @inlinable package static var authenticationContinue: Status { Status(rawValue: 0x21) }
    @inlinable package static var unknownCommand: Status { Status(rawValue: 0x81) }
    @inlinable package static var outOfMemory: Status { Status(rawValue: 0x82) }
    @inlinable package static var notSupported: Status { Status(rawValue: 0x83) }
    @inlinable package static var internalError: Status { Status(rawValue: 0x84) }
    @inlinable package static var busy: Status { Status(rawValue: 0x85) }
    @inlinable package static var temporaryFailure: Status { Status(rawValue: 0x86) }

    /// The words that have a name here.
    package static let named: [(status: Status, name: String)] = [
        (.success, "success"), (.notFound, "not found"), (.exists, "exists"), (.tooLarge, "too large"),
        (.invalidArguments, "invalid arguments"), (.notStored, "not stored"), (.nonNumeric, "non-numeric value"),
        (.wrongVBucket, "wrong vbucket"), (.authenticationError, "authentication error"),
        (.authenticationContinueAlternative, "authentication continue of the protocol text"),
        (.authenticationFailure, "authentication failure"), (.authenticationContinue, "authentication continue"),
        (.unknownCommand, "unknown command"), (.outOfMemory, "out of memory"), (.notSupported, "not supported"),
        (.internalError, "internal error"), (.busy, "busy"), (.temporaryFailure, "temporary failure"),
    ]
}

extension Status: CustomStringConvertible {
    /// The word in hexadecimal with its name, "0x0001 (not found)".
    @usableFromInline package var description: String {
        let digits = String(rawValue, radix: 16)
        let word = "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        guard let name = Status.named.first(where: { $0.status == self })?.name else { return word }
        return "\(word) (\(name))"
    }
}
