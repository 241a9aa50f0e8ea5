/// The format of a FastLZ block, levels 1 and 2.
///
/// A block is a sequence of instructions. The upper three bits of an instruction's first byte tell its kind; the first
/// instruction always copies literals, and its upper three bits hold the level less one instead.
///
/// | first byte | then | meaning |
/// |---|---|---|
/// | `000LLLLL` | L + 1 bytes | these bytes, 1 to 32 of them |
/// | `LLLDDDDD`, L from 1 to 6 | a byte E | L + 2 bytes, from 256 D + E + 1 bytes back |
/// | `111DDDDD` | a length N, a byte E | N + 9 bytes, from as far back |
///
/// A match may overlap what it produces. At level 1, N is one byte. At level 2, N is a sum of bytes of which each but
/// the last is 255, and D = 31 with E = 255 announces a far match: two more bytes, F and G, and the distance is
/// 256 F + G + 8192.
///
/// Source: Ariya Hidayat's description of the block format (https://github.com/ariya/FastLZ), and blocks that PHP wrote
/// (`Fixtures/values`).
enum FastLZFormat {
    /// Blocks of this many bytes and more are written at level 2.
    static let levelTwoByteCount = 65_536
    static let maximumLiteralRun = 32
    static let minimumMatch = 3
    /// The longest match without a length byte.
    static let maximumShortMatch = 8
    /// The longest match of one instruction at level 1.
    static let maximumLevelOneMatch = 264
    /// The upper three bits that announce a long match.
    static let longMatch: UInt8 = 7 << 5
    /// The offset (distance less one) from which on level 2 writes the far form.
    static let farOffset = 8_191
    /// What stands for a far match: the lower five bits of the first byte, and the byte after the length.
    static let farMark: (high: UInt8, low: UInt8) = (31, 255)
}
