import Testing

@testable import MemcachedTestSupport

@Suite struct SeededGeneratorTests {
    @Test func `the sequence is the published one`() {
        // The numbers for seed 1234567 that Rosetta Code and the tests of other implementations list.
        var generator = SeededGenerator(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in generator.next() } == expected)
    }

    @Test func `parts have sequences of their own that do not depend on each other`() {
        let generator = SeededGenerator(seed: 9)
        var (one, again, two) = (generator.derived(1), generator.derived(1), generator.derived(2))
        let first = one.next()
        #expect(again.next() == first)
        #expect(two.next() != first)
    }

    @Test func `random durations stay inside their range`() {
        var generator = SeededGenerator(seed: 5)
        let range = Duration.milliseconds(2)...Duration.milliseconds(4)
        let durations = (0..<200).map { _ in generator.duration(in: range) }
        #expect(durations.allSatisfy { range.contains($0) })
        #expect(Set(durations).count > 100)
        #expect(generator.duration(in: .seconds(1)...(.seconds(1))) == .seconds(1))
    }
}
