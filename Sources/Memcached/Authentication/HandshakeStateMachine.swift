import MemcachedWire
import NIOCore

/// What a new connection does before anyone may use it: LIST_MECHS, then AUTH PLAIN.
///
/// Without credentials, nothing.
///
/// The mechanisms are asked for first, so that no password goes to a server that has no SASL. LIST_MECHS is never sent
/// later: on an authenticated connection it takes the authentication away.
struct HandshakeStateMachine {
    /// What to do next.
    enum Action {
        case send(Request)
        case ready
        case fail(MemcachedError)
        /// An event that means nothing in this state; nothing is to be done.
        case ignore
    }

    private enum State {
        case idle
        case listing
        case authenticating
        case finished
    }

    private var state = State.idle
    private let credentials: MemcachedCredentials?

    init(credentials: MemcachedCredentials?) {
        self.credentials = credentials
    }

    /// The socket is connected.
    mutating func connected() -> Action {
        guard case .idle = state else { return .ignore }
        guard credentials != nil else {
            state = .finished
            return .ready
        }
        state = .listing
        return .send(Request(opcode: .saslListMechanisms))
    }

    /// The server answered what was sent last.
    mutating func received(_ response: Response) -> Action {
        switch state {
        case .idle, .finished:
            return .ignore
        case .listing:
            return receivedMechanisms(response)
        case .authenticating:
            state = .finished
            return Self.verdict(on: response)
        }
    }

    private mutating func receivedMechanisms(_ response: Response) -> Action {
        guard response.status == .success else {
            state = .finished
            return .fail(Self.mechanismsRefused(response.status))
        }
        let offered = SASLMechanism.list(parsing: response.value.readableBytesView)
        guard offered.contains(.plain) else {
            state = .finished
            let names = offered.isEmpty ? "none" : Self.presentable(offered)
            return .fail(
                MemcachedError(
                    .noSuitableMechanism,
                    "the server does not offer SASL PLAIN (it offers: \(names)); set mech_list: plain on the server",
                    operation: Opcode.saslListMechanisms.description,
                    outcome: .rejected
                )
            )
        }
        guard let credentials else { return .ignore }
        do throws(SASLPlain.Failure) {
            let message = try SASLPlain.message(user: credentials.username, password: credentials.password)
            state = .authenticating
            return .send(
                Request(
                    opcode: .saslAuthenticate,
                    key: MemcachedKey(SASLMechanism.plain.name),
                    value: ByteBuffer(bytes: message)
                )
            )
        } catch {
            state = .finished
            return .fail(
                MemcachedError(.invalidConfiguration, "user name and password have to be given, without NUL bytes")
            )
        }
    }

    /// The names as errors may show them: a server may send any number of any length.
    private static func presentable(_ offered: [SASLMechanism]) -> String {
        let shown = offered.prefix(16).map { String($0.name.prefix(longestMechanismName)) }
        return shown.joined(separator: ", ") + (offered.count > shown.count ? ", …" : "")
    }

    /// The longest name of a mechanism that RFC 4422 section 3.1 allows.
    private static let longestMechanismName = 20

    private static func mechanismsRefused(_ status: Status) -> MemcachedError {
        let operation = Opcode.saslListMechanisms.description
        switch status {
        case .unknownCommand:
            break
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
        return MemcachedError(
            .authenticationUnsupported,
            "credentials are configured and the server has no SASL; the password was not sent. Start the server with "
                + "-S, or remove the credentials",
            operation: operation,
            status: status.rawValue,
            outcome: .rejected
        )
    }

    private static func verdict(on response: Response) -> Action {
        switch response.status {
        case .success:
            return .ready
        case .authenticationFailure, .authenticationError:
            return .fail(
                MemcachedError(
                    .authenticationRefused,
                    "the server refused user name and password. Check both; a user may need its realm (user@host); "
                        + "a hosted cache needs some minutes to learn new credentials",
                    operation: Opcode.saslAuthenticate.description,
                    status: response.status.rawValue,
                    outcome: .rejected
                )
            )
        case .unknownCommand:
            return .fail(mechanismsRefused(.unknownCommand))
        default:
            return .fail(ServerFault.error(response.status, opcode: .saslAuthenticate))
        }
    }
}
