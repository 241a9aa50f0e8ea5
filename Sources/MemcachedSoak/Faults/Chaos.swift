import MemcachedTestSupport
import Synchronization

/// Does to one server's traffic, one after the other, everything that a deck of cards holds, in random order.
final class Chaos: Sendable {
    private struct State {
        var generator: SeededGenerator
        var deck: [FaultCard] = []
        var decks = 0
    }

    private let server: MemcachedProcess
    private let proxy: FaultProxy
    private let cards: [FaultCard]
    private let ledger: SoakLedger
    private let state: Mutex<State>

    /// What happens all the time, beside the cards: nothing that loses a connection.
    private static let weather = FaultPlan([
        .init(.delay(.microseconds(100) ... .milliseconds(3)), probability: 0.002),
        .init(.split(at: nil), probability: 0.005),
        .init(.coalesce(.milliseconds(2)), probability: 0.001),
        .init(.delay(.microseconds(100) ... .milliseconds(3)), to: .requests, probability: 0.001),
    ])

    init(server: MemcachedProcess, proxy: FaultProxy, isAuthenticated: Bool, seed: UInt64, ledger: SoakLedger) {
        self.server = server
        self.proxy = proxy
        self.cards = FaultCard.common + (isAuthenticated ? FaultCard.authentication : [])
        self.ledger = ledger
        self.state = Mutex(State(generator: SeededGenerator(seed: seed)))
    }

    /// How often the whole deck has been gone through.
    var decks: Int { state.withLock { $0.decks } }

    /// Goes on until an instant, and then leaves the traffic alone.
    func run(until end: ContinuousClock.Instant) async {
        proxy.plan = Self.weather
        while ContinuousClock.now < end {
            await play(draw())
            let pause = state.withLock { Int64.random(in: 20...300, using: &$0.generator) }
            try? await Task.sleep(for: .milliseconds(pause))
        }
        proxy.plan = .none
    }

    /// The next card; each comes once before any comes again.
    private func draw() -> FaultCard {
        state.withLock { state in
            if state.deck.isEmpty {
                state.deck = cards.shuffled(using: &state.generator)
                state.decks += 1
            }
            // A deck is never empty: `cards` is not.
            return state.deck.popLast() ?? .endConnections(isReset: false)
        }
    }

    private func play(_ card: FaultCard) async {
        switch card {
        case .fault(let rule):
            proxy.inject(rule)
        case .onNewConnection(let rule):
            proxy.closeConnections()
            proxy.inject(rule)
        case .endConnections(let isReset):
            if isReset { proxy.resetConnections() } else { proxy.closeConnections() }
        case .accept(let mode, let duration):
            await accept(mode)
            proxy.closeConnections()
            try? await Task.sleep(for: duration)
            await accept(.forward)
            // Those that were taken in the meantime lead nowhere.
            proxy.closeConnections()
        case .pauseResponses(let duration):
            proxy.pauseResponses()
            try? await Task.sleep(for: duration)
            proxy.resumeResponses()
        case .suspendServer(let duration):
            do throws(MemcachedTestSupportError) {
                try await server.suspend()
                try? await Task.sleep(for: duration)
                try server.resume()
            } catch {
                ledger.wrong("a server could not be suspended: \(error)")
            }
        }
    }

    private func accept(_ mode: FaultProxy.AcceptMode) async {
        do throws(MemcachedTestSupportError) {
            try await proxy.setAcceptMode(mode)
        } catch {
            ledger.wrong("the proxy could not change what it does with new connections: \(error)")
        }
    }
}
