/// Compresses with FastLZ; see ``FastLZFormat``.
///
/// One pass, greedy: a table of 8,192 places, indexed by a hash of three bytes, remembers where such bytes were seen
/// last; if they are the same and near enough, the match is taken and made as long as it goes.
///
/// What is free in the format is decided as FastLZ 0.1 decides it, which php-memcached has inside: the hash, the places
/// that are remembered, and where near the end it stops looking. So the bytes are those that PHP would have written.
struct FastLZCompressor {
    private let input: [UInt8]
    private let isLevelTwo: Bool
    private var output: [UInt8] = []
    /// Where the literals begin that have not been written yet.
    private var literalStart = 0
    private var lastSeen = [Int](repeating: 0, count: 1 << 13)

    /// - Parameter input: What to compress.
    /// - Returns: A FastLZ block; empty for nothing.
    static func compress(_ input: [UInt8]) -> [UInt8] {
        var compressor = FastLZCompressor(input)
        compressor.run()
        return compressor.output
    }

    private init(_ input: [UInt8]) {
        self.input = input
        isLevelTwo = input.count >= FastLZFormat.levelTwoByteCount
        output.reserveCapacity(input.count / 2)
    }

    private mutating func run() {
        // The first two bytes are literals, so that there is something to look back to; the last twelve are not
        // searched.
        var position = 2
        while position < input.count - 12 {
            guard let match = match(at: position) else {
                position += 1
                continue
            }
            writeLiterals(until: position)
            write(match)
            position += match.count
            literalStart = position
            remember(position - 2)
            remember(position - 1)
        }
        writeLiterals(until: input.count)
        if isLevelTwo { output[0] |= 1 << 5 }
    }

    private mutating func writeLiterals(until end: Int) {
        while literalStart < end {
            let count = min(FastLZFormat.maximumLiteralRun, end - literalStart)
            output.append(UInt8(count - 1))
            output.append(contentsOf: input[literalStart..<(literalStart + count)])
            literalStart += count
        }
    }
}

// MARK: - Finding a match

extension FastLZCompressor {
    private struct Match {
        var distance: Int
        var count: Int
    }

    /// The match to take here, if any; notes the place for later.
    private mutating func match(at position: Int) -> Match? {
        if isLevelTwo, isRun(at: position) {
            return extended(from: position, distance: 1, known: FastLZFormat.minimumMatch)
        }
        let slot = hash(at: position)
        let distance = position - lastSeen[slot]
        lastSeen[slot] = position

        let isFar = isLevelTwo && distance >= FastLZFormat.farOffset
        guard distance < (isLevelTwo ? 73_725 : 8_192) else { return nil }
        // What is far away costs two bytes more, so it has to save two more.
        let known = isFar ? FastLZFormat.minimumMatch + 2 : FastLZFormat.minimumMatch
        for index in position..<(position + known) where input[index] != input[index - distance] { return nil }
        return extended(from: position, distance: distance, known: known)
    }

    /// Whether the byte before is repeated three times.
    private func isRun(at position: Int) -> Bool {
        let byte = input[position - 1]
        return input[position] == byte && input[position + 1] == byte && input[position + 2] == byte
    }

    /// Makes a match as long as it goes.
    ///
    /// The byte at which it ends for certain is looked at and left alone, also when it would still have matched.
    private func extended(from position: Int, distance: Int, known: Int) -> Match {
        let start = position + known
        // Eight bytes are always compared, except in a run; for far matches that is past the common end.
        let end = distance == 1 ? input.count - 2 : max(input.count - 2, start + 8)
        var index = start
        while index < end {
            index += 1
            if input[index - 1] != input[index - 1 - distance] { break }
        }
        return Match(distance: distance, count: index - 1 - position)
    }

    private func hash(at position: Int) -> Int {
        let first = Int(input[position]) | Int(input[position + 1]) << 8
        let second = Int(input[position + 1]) | Int(input[position + 2]) << 8
        return (first ^ second ^ first >> 3) & (lastSeen.count - 1)
    }

    private mutating func remember(_ position: Int) {
        guard position + 2 < input.count else { return }
        lastSeen[hash(at: position)] = position
    }
}

// MARK: - Writing a match

extension FastLZCompressor {
    private mutating func write(_ match: Match) {
        if isLevelTwo {
            writeLevelTwo(match)
        } else {
            writeLevelOne(match)
        }
    }

    private mutating func writeLevelOne(_ match: Match) {
        let offset = match.distance - 1
        let (high, low) = (UInt8(offset >> 8), UInt8(offset & 0xFF))
        var count = match.count
        while count > FastLZFormat.maximumLevelOneMatch {
            // Two bytes short of what fits, so that a match is left for the next instruction.
            let part = FastLZFormat.maximumLevelOneMatch - 2
            output += [FastLZFormat.longMatch + high, UInt8(part - 9), low]
            count -= part
        }
        if count <= FastLZFormat.maximumShortMatch {
            output += [UInt8(count - 2) << 5 + high, low]
        } else {
            output += [FastLZFormat.longMatch + high, UInt8(count - 9), low]
        }
    }

    private mutating func writeLevelTwo(_ match: Match) {
        let offset = match.distance - 1
        let isFar = offset >= FastLZFormat.farOffset
        let high = isFar ? FastLZFormat.farMark.high : UInt8(offset >> 8)
        if match.count <= FastLZFormat.maximumShortMatch {
            output.append(UInt8(match.count - 2) << 5 + high)
        } else {
            output.append(FastLZFormat.longMatch + high)
            var more = match.count - 9
            while more >= 255 {
                output.append(255)
                more -= 255
            }
            output.append(UInt8(more))
        }
        if isFar {
            let rest = offset - FastLZFormat.farOffset
            output += [FastLZFormat.farMark.low, UInt8(rest >> 8), UInt8(rest & 0xFF)]
        } else {
            output.append(UInt8(offset & 0xFF))
        }
    }
}
