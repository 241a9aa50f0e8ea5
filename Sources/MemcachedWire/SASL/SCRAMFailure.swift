/// Why a server's part of a SCRAM exchange (RFC 5802) is not accepted.
///
/// None of them holds a byte of what the server sent.
package enum SCRAMFailure: Error, Hashable, Sendable {
    /// The message is none of RFC 5802 section 7, or longer than ``SCRAMServerFirst/longestMessage``.
    case malformed
    /// The server wants an extension that is not known here (`m=`).
    case mandatoryExtension
    /// The server's nonce does not begin with the client's, or adds nothing to it.
    case foreignNonce
    /// The iteration count is outside ``SCRAMServerFirst/acceptedIterations``.
    case iterations(Int)
    /// The server's signature is not that of somebody who knows the password.
    case wrongSignature
    /// The server says that it does not accept the client's proof, in the words of RFC 5802 section 7 (`e=`).
    case refused
}
