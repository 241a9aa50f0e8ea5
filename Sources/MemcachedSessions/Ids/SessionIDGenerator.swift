/// Makes session ids as PHP's `session_create_id` does, from the system's cryptographic random numbers.
///
/// Each character takes as many random bits as configured, from an alphabet of just so many characters, so every
/// character is equally likely. Source of the alphabets: PHP's `ext/session/session.c`.
struct SessionIDGenerator: Sendable {
    /// All characters; with fewer bits only the first ones are used.
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ,-".utf8)

    private let length: Int
    private let characters: ArraySlice<UInt8>

    init(_ ids: MemcachedSessionConfiguration.IDs) {
        self.length = ids.length
        self.characters = Self.alphabet.prefix(1 << min(6, max(4, ids.bitsPerCharacter)))
    }

    /// The next id.
    ///
    /// - Parameter word: Gives 64 random bits: the system's generator outside of tests.
    /// - Returns: The id.
    func next(word: () -> UInt64 = { .random(in: .min ... .max) }) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        var bits: UInt64 = 0
        var available = 0
        let width = characters.count.trailingZeroBitCount
        while bytes.count < length {
            if available < width {
                bits = word()
                available = UInt64.bitWidth
            }
            // The alphabet has a power of two of characters, so the masked bits are an index into it.
            bytes.append(characters[Int(bits & UInt64(characters.count - 1))])
            bits >>= UInt64(width)
            available -= width
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
