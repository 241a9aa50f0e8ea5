/// The one message of the PLAIN mechanism (RFC 4616): `authzid NUL user NUL password`.
package enum SASLPlain {
    /// Why a message cannot be built.
    package enum Failure: Error, Hashable, Sendable {
        case emptyUser
        case emptyPassword
        /// NUL separates the fields, so neither may hold one.
        case containsNUL
    }

    /// Builds the message with an empty authorization identity, which servers take as the user's own.
    ///
    /// - Throws: ``Failure``. The error names the field's fault, never its content.
    package static func message(user: String, password: String) throws(Failure) -> [UInt8] {
        try message(authorization: "", user: user, password: password)
    }

    /// Builds the message with a given authorization identity (libmemcached sends the user's name here).
    ///
    /// - Throws: ``Failure``. The error names the field's fault, never its content.
    package static func message(
        authorization: String,
        user: String,
        password: String
    ) throws(Failure) -> [UInt8] {
        guard !user.isEmpty else { throw .emptyUser }
        guard !password.isEmpty else { throw .emptyPassword }
        guard !authorization.utf8.contains(0), !user.utf8.contains(0), !password.utf8.contains(0) else {
            throw .containsNUL
        }
        return Array(authorization.utf8) + [0] + Array(user.utf8) + [0] + Array(password.utf8)
    }
}
