/// A browser that knows which number has to come next.
final class Visitor {
    let browser: Browser
    /// The last number that the page has shown.
    private(set) var count: Int

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - browser: Whose page to watch.
    ///   - count: The last number that it has seen.
    init(_ browser: Browser, after count: Int = 0) {
        self.browser = browser
        self.count = count
    }

    /// Takes note of a reload that was watched by somebody else.
    func skip() {
        count += 1
    }

    /// Reloads so many times, each of which has to count on by one.
    ///
    /// - Throws: ``Failure`` at the first reload that does not.
    /// - Returns: The visits.
    @discardableResult
    func reload(times: Int) async throws -> [Answer.Visit] {
        var visits: [Answer.Visit] = []
        for _ in 0..<times {
            let answer = try await browser.reload()
            guard let visit = answer.visit, answer.status == 200 else {
                throw Failure("after #\(count) came \(answer)")
            }
            try expect(visit.count == count + 1, "after #\(count) came \(visit)")
            count = visit.count
            visits.append(visit)
        }
        return visits
    }

    /// Reloads so many times at once, all with the same cookie.
    func reloadAtOnce(times: Int) async throws -> ParallelReloads {
        let browser = browser
        let result = try await ParallelReloads.run(times: times, after: count, browser)
        count = result.numbers.last ?? count
        return result
    }
}

/// What reloads of one cookie, made at the same time, have brought.
struct ParallelReloads: Sendable {
    private let answers: [Answer]
    private let expected: [Int]
    private let time: Duration

    static func run(times: Int, after count: Int, _ browser: Browser) async throws -> ParallelReloads {
        let clock = ContinuousClock()
        let begin = clock.now
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<times { group.addTask { try await browser.reload() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let expected = Array(count + 1..<count + 1 + times)
        return ParallelReloads(answers: answers, expected: expected, time: clock.now - begin)
    }

    /// The numbers that were shown, in order.
    var numbers: [Int] { answers.compactMap(\.visit?.count).sorted() }

    /// Fails unless every reload was answered by a page with a number of its own, in time.
    func expectNoneLost(within limit: Duration) throws {
        let refused = answers.filter { $0.status != 200 }
        let example = refused.first.map { "\($0)" } ?? ""
        try expect(refused.isEmpty, "\(refused.count) reloads were not answered with 200, for example: \(example)")
        try expect(numbers == expected, "the numbers were \(numbers)")
        try expect(time < limit, "it took \(time)")
    }

    /// The process ids that answered.
    var processes: Set<Int32> { Set(answers.compactMap(\.visit?.pid)) }

    /// How long all of it took, for the line of the check.
    var milliseconds: String { "\(Int(time / .milliseconds(1))) ms" }
}
