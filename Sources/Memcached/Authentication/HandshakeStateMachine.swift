import MemcachedWire
import NIOCore

/// What a new connection does before anyone may use it: LIST_MECHS, then AUTH and, with SCRAM, STEP.
///
/// Without credentials, nothing.
///
/// The mechanisms are asked for first, so that no password goes to a server that has no SASL. LIST_MECHS is never sent
/// later: on an authenticated connection it takes the authentication away, as a second AUTH does. A second AUTH is sent
/// only when the first was refused and user name and password have another form for the same mechanism (see
/// ``MemcachedAuthentication/Preparation/automatic``), and never one with a weaker mechanism.
struct HandshakeStateMachine {
    /// What to do next.
    enum Action {
        case send(Request)
        /// Tell ``chose(_:)`` which of these to use, or why none may be.
        case choose([SASLMechanism])
        /// Tell ``derived(_:)`` the keys; deriving them takes too long for an event loop.
        case derive(SCRAMDerivation)
        case ready
        case fail(MemcachedError)
        /// An event that means nothing in this state; nothing is to be done.
        case ignore
    }

    private enum State {
        case idle
        case listing
        case choosing
        /// PLAIN's one message is sent.
        case plain
        /// The nonce is sent.
        case challenging(SCRAMExchange)
        case deriving(SCRAMExchange)
        /// The proof is sent.
        case proving(SCRAMExchange)
        /// The server has proved itself; the empty STEP that closes the exchange is sent.
        case closing(MemcachedAuthentication.Mechanism)
        case finished
    }

    private var state = State.idle
    private let credentials: MemcachedCredentials?
    private let preparation: MemcachedAuthentication.Preparation
    /// Made when they are needed, because most servers have only PLAIN.
    private let nonce: @Sendable () -> [UInt8]
    private let secondNonce: @Sendable () -> [UInt8]
    /// The form of the credentials that is tried when the server refuses the first one.
    private var otherForm: MemcachedCredentials?

    /// - Parameters:
    ///   - credentials: User name and password; nil for a server without SASL.
    ///   - preparation: What is done with them before SCRAM hashes them.
    ///   - nonce: Fresh for each connection, printable ASCII without commas.
    ///   - secondNonce: Another one, for a second AUTH; without it there is none.
    init(
        credentials: MemcachedCredentials?,
        preparation: MemcachedAuthentication.Preparation = .automatic,
        nonce: @autoclosure @escaping @Sendable () -> [UInt8],
        secondNonce: @autoclosure @escaping @Sendable () -> [UInt8] = []
    ) {
        self.credentials = credentials
        self.preparation = preparation
        self.nonce = nonce
        self.secondNonce = secondNonce
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

    /// The mechanism has been chosen among those that the server offers, or none may be used.
    mutating func chose(_ choice: Result<MemcachedAuthentication.Mechanism, MemcachedError>) -> Action {
        guard case .choosing = state, let credentials else { return .ignore }
        do throws(MemcachedError) {
            let mechanism = try choice.get()
            // What neither mechanism could carry.
            let plain = try Self.plainMessage(credentials)
            let forms = mechanism == .plain ? [credentials] : try credentials.forms(preparation)
            if mechanism != .plain, let first = forms.first,
                let exchange = SCRAMExchange(mechanism, credentials: first, nonce: nonce())
            {
                otherForm = forms.dropFirst().first
                return begin(exchange)
            }
            state = .plain
            return .send(Self.request(.saslAuthenticate, mechanism, plain))
        } catch {
            return finish(.fail(error))
        }
    }

    private mutating func begin(_ exchange: SCRAMExchange) -> Action {
        state = .challenging(exchange)
        return .send(Self.request(.saslAuthenticate, exchange.mechanism, exchange.firstMessage))
    }

    /// The server refused user name and password.
    ///
    /// - Returns: Another AUTH with their other form, if they have one.
    private mutating func refused(
        _ status: Status,
        _ opcode: Opcode,
        _ mechanism: MemcachedAuthentication.Mechanism
    ) -> Action {
        guard
            status == .authenticationFailure || status == .authenticationError,
            let form = otherForm,
            case let nonce = secondNonce(), !nonce.isEmpty,
            let exchange = SCRAMExchange(mechanism, credentials: form, nonce: nonce)
        else { return finish(.fail(HandshakeFault.refused(status, opcode))) }
        otherForm = nil
        return begin(exchange)
    }

    /// The keys of the exchange have been derived.
    mutating func derived(_ keys: SCRAMKeys) -> Action {
        guard case .deriving(var exchange) = state, let message = exchange.derived(keys) else { return .ignore }
        state = .proving(exchange)
        return .send(Self.request(.saslStep, exchange.mechanism, message))
    }

    /// The server answered what was sent last.
    mutating func received(_ response: Response) -> Action {
        switch state {
        case .idle, .finished, .choosing, .deriving:
            return .ignore
        case .listing:
            guard response.status == .success else {
                return finish(.fail(HandshakeFault.noMechanisms(response.status)))
            }
            // Whoever answers has proved nothing yet, and reading names takes memory and time of an event loop.
            guard response.value.readableBytes <= SASLMechanism.longestList else {
                return finish(.fail(HandshakeFault.endlessList(response.value.readableBytes)))
            }
            state = .choosing
            return .choose(SASLMechanism.list(parsing: response.value.readableBytesView))
        case .plain:
            guard response.status == .success else {
                return finish(.fail(HandshakeFault.refused(response.status, .saslAuthenticate)))
            }
            return finish(.ready)
        case .challenging(var exchange):
            return answer(response, .saslAuthenticate, exchange.mechanism) { () throws(SCRAMFailure) in
                let derivation = try exchange.received(first: response.value.readableBytesView)
                return (.deriving(exchange), .derive(derivation))
            }
        case .proving(let exchange):
            let isOver = response.status == .success
            return answer(response, .saslStep, exchange.mechanism, isFinal: true) { () throws(SCRAMFailure) in
                try exchange.verify(final: response.value.readableBytesView)
                // RFC 5802 lets a server send its signature together with the success; memcached wants one more STEP.
                guard !isOver else { return (.finished, .ready) }
                return (
                    .closing(exchange.mechanism), .send(Self.request(.saslStep, exchange.mechanism, []))
                )
            }
        case .closing:
            guard response.status == .success else {
                return finish(.fail(HandshakeFault.refused(response.status, .saslStep)))
            }
            return finish(.ready)
        }
    }

    /// Goes on with a server's message of SCRAM, or ends.
    private mutating func answer(
        _ response: Response,
        _ opcode: Opcode,
        _ mechanism: MemcachedAuthentication.Mechanism,
        isFinal: Bool = false,
        _ next: () throws(SCRAMFailure) -> (State, Action)
    ) -> Action {
        switch response.status {
        case .authenticationContinue, .authenticationContinueAlternative:
            break
        case .success where isFinal:
            break
        case .success:
            return finish(.fail(HandshakeFault.unproven(.malformed, opcode)))
        default:
            return refused(response.status, opcode, mechanism)
        }
        do throws(SCRAMFailure) {
            let (state, action) = try next()
            self.state = state
            return action
        } catch {
            return finish(.fail(HandshakeFault.unproven(error, opcode)))
        }
    }

    private mutating func finish(_ action: Action) -> Action {
        state = .finished
        return action
    }

    private static func plainMessage(_ credentials: MemcachedCredentials) throws(MemcachedError) -> [UInt8] {
        do throws(SASLPlain.Failure) {
            return try SASLPlain.message(user: credentials.username, password: credentials.password)
        } catch {
            throw MemcachedError(
                .invalidConfiguration,
                "user name and password have to be given, without NUL bytes"
            )
        }
    }

    private static func request(
        _ opcode: Opcode,
        _ mechanism: MemcachedAuthentication.Mechanism,
        _ message: [UInt8]
    ) -> Request {
        Request(
            opcode: opcode,
            key: MemcachedKey(mechanism.rawValue),
            value: message.isEmpty ? nil : ByteBuffer(bytes: message)
        )
    }
}
