import NIOCore

/// What a router has to know of the servers, by their indices.
protocol ServerConditions {
    /// Whether an operation may go there now; a probe's turn that is given has to be used.
    func admission(of index: Int) -> ServerPool.Admission
    /// How much it has to do.
    func load(of index: Int) -> Int
    /// A random number from 0 and less than `count`, which is at least 1.
    func random(below count: Int) -> Int
}

/// The servers as they are, for one operation.
struct PresentConditions: ServerConditions {
    let topology: Topology
    let now: NIODeadline

    func admission(of index: Int) -> ServerPool.Admission { topology.members[index].pool.admission(now: now) }
    func load(of index: Int) -> Int { topology.members[index].endpoint.load }
    func random(below count: Int) -> Int { .random(in: 0..<max(1, count)) }
}

/// The servers as they are, for many keys: who is not simply up is asked once, and all keys have the answer.
final class CommonConditions: ServerConditions {
    private let present: PresentConditions
    private var answers: [Int: ServerPool.Admission] = [:]

    init(_ topology: Topology) {
        self.present = PresentConditions(topology: topology, now: .now())
    }

    func admission(of index: Int) -> ServerPool.Admission {
        if !answers.isEmpty, let answer = answers[index] { return answer }
        let admission = present.admission(of: index)
        if case .open = admission { return admission }
        answers[index] = admission
        return admission
    }

    func load(of index: Int) -> Int { present.load(of: index) }
    func random(below count: Int) -> Int { present.random(below: count) }
}
