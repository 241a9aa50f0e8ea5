import MemcachedWire
import NIOCore

@testable import Memcached

extension HandshakeStateMachine {
    /// The server answered; a choice and keys that are asked for are given at once.
    mutating func answered(
        _ response: Response,
        _ policy: MemcachedAuthentication = MemcachedAuthentication()
    ) -> Action {
        switch received(response) {
        case .choose(let offered):
            let choice = MechanismChoice(policy: policy, isEncrypted: false, isPrivate: true, hasOfferedSCRAM: false)
            return chose(Result { () throws(MemcachedError) in try choice.mechanism(among: offered) })
        case .derive(let derivation):
            return derived(SCRAMKeys(derivation))
        case let action:
            return action
        }
    }

    /// The server named its mechanisms.
    mutating func listed(
        _ mechanisms: String,
        _ policy: MemcachedAuthentication = MemcachedAuthentication()
    ) -> Action {
        answered(Response(status: .success, value: ByteBuffer(string: mechanisms)), policy)
    }
}

extension HandshakeStateMachine.Action {
    var request: Request? {
        if case .send(let request) = self { request } else { nil }
    }

    var error: MemcachedError? {
        if case .fail(let error) = self { error } else { nil }
    }

    var derivation: SCRAMDerivation? {
        if case .derive(let derivation) = self { derivation } else { nil }
    }

    var isReady: Bool {
        if case .ready = self { true } else { false }
    }

    var isIgnored: Bool {
        if case .ignore = self { true } else { false }
    }
}

extension WireVector.Step {
    /// The response as the handshake sees it.
    func answer() throws -> Response {
        let header = try ResponseHeader(parsing: response.span.bytes)
        return Response(header: header, buffer: ByteBuffer(bytes: response), bodyIndex: ResponseHeader.byteCount)
    }
}
