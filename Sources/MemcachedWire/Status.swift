/// The status word of a response.
///
/// An open set: hosted proxies and other servers send words that memcached does not; treat those as errors and
/// their body as text. Source: memcached `protocol_binary.h`; who sends what: `reference/binary_protocol.md` §3.
package struct Status: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let success = Status(rawValue: 0x00)
    package static let notFound = Status(rawValue: 0x01)
    /// CAS mismatch, or ADD of a key that is there.
    package static let exists = Status(rawValue: 0x02)
    package static let tooLarge = Status(rawValue: 0x03)
    /// Malformed request; the server closes the connection.
    package static let invalidArguments = Status(rawValue: 0x04)
    /// APPEND or PREPEND found nothing to extend, or the sum is too large.
    package static let notStored = Status(rawValue: 0x05)
    package static let nonNumeric = Status(rawValue: 0x06)
    package static let wrongVBucket = Status(rawValue: 0x07)
    /// "Authentication error" of the protocol text; memcached itself sends ``authenticationFailure``.
    package static let authenticationError = Status(rawValue: 0x08)
    /// "Authentication continue" of the protocol text; memcached itself sends ``authenticationContinue``.
    package static let authenticationContinueAlternative = Status(rawValue: 0x09)
    /// Refused credentials, a command before authentication, or FLUSH on a server with `-F`.
    package static let authenticationFailure = Status(rawValue: 0x20)
    /// The server's SASL challenge follows; answer with a STEP.
    package static let authenticationContinue = Status(rawValue: 0x21)
    package static let unknownCommand = Status(rawValue: 0x81)
    package static let outOfMemory = Status(rawValue: 0x82)
    package static let notSupported = Status(rawValue: 0x83)
    package static let internalError = Status(rawValue: 0x84)
    package static let busy = Status(rawValue: 0x85)
    package static let temporaryFailure = Status(rawValue: 0x86)

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
    package var description: String {
        let digits = String(rawValue, radix: 16)
        let word = "0x" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        guard let name = Status.named.first(where: { $0.status == self })?.name else { return word }
        return "\(word) (\(name))"
    }
}
