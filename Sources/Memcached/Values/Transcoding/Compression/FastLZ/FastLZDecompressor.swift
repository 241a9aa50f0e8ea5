/// Restores what FastLZ compressed; see ``FastLZFormat``.
///
/// Every read and every copy is checked against the bytes that are there, and what is produced against a limit, before
/// it is done: the block may come from anybody.
struct FastLZDecompressor {
    private let block: [UInt8]
    private let limit: Int
    private let isLevelTwo: Bool
    private var position = 0
    private var output: [UInt8] = []

    /// - Parameters:
    ///   - block: A FastLZ block, or anything else.
    ///   - limit: How many bytes may come out.
    /// - Returns: What was compressed.
    /// - Throws: ``MemcachedDecompressionError``.
    static func decompress(_ block: [UInt8], limit: Int) throws(MemcachedDecompressionError) -> [UInt8] {
        guard let first = block.first, first >> 5 <= 1 else { throw .malformed }
        var decompressor = FastLZDecompressor(block: block, limit: max(0, limit), isLevelTwo: first >> 5 == 1)
        return try decompressor.run()
    }

    private init(block: [UInt8], limit: Int, isLevelTwo: Bool) {
        self.block = block
        self.limit = limit
        self.isLevelTwo = isLevelTwo
    }

    private mutating func run() throws(MemcachedDecompressionError) -> [UInt8] {
        // At least this much will come out of a sound block, and it is no more than came in.
        output.reserveCapacity(min(limit, block.count))
        var instruction = try nextByte() & 0x1F
        while true {
            if instruction >> 5 == 0 {
                try copyLiterals(Int(instruction) + 1)
            } else {
                try copyMatch(instruction)
            }
            guard position < block.count else { return output }
            instruction = try nextByte()
        }
    }

    private mutating func nextByte() throws(MemcachedDecompressionError) -> UInt8 {
        guard position < block.count else { throw .malformed }
        defer { position += 1 }
        return block[position]
    }

    private mutating func copyLiterals(_ count: Int) throws(MemcachedDecompressionError) {
        guard count <= block.count - position else { throw .malformed }
        guard count <= limit - output.count else { throw .limitExceeded }
        output.append(contentsOf: block[position..<(position + count)])
        position += count
    }

    private mutating func copyMatch(_ instruction: UInt8) throws(MemcachedDecompressionError) {
        let high = instruction & 0x1F
        var count = Int(instruction >> 5) + 2
        if instruction >= FastLZFormat.longMatch {
            count = FastLZFormat.maximumShortMatch + 1
            var more = try nextByte()
            count += Int(more)
            while isLevelTwo, more == 255 {
                more = try nextByte()
                count += Int(more)
            }
        }
        let low = try nextByte()
        var distance = Int(high) << 8 + Int(low) + 1
        if isLevelTwo, high == FastLZFormat.farMark.high, low == FastLZFormat.farMark.low {
            distance = Int(try nextByte()) << 8 + Int(try nextByte()) + FastLZFormat.farOffset + 1
        }
        guard distance <= output.count else { throw .malformed }
        guard count <= limit - output.count else { throw .limitExceeded }
        let start = output.count - distance
        for index in start..<(start + count) {
            output.append(output[index])
        }
    }
}
