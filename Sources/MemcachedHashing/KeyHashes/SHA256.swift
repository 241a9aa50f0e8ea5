/// SHA-256 (FIPS 180-4): no two keys with one hash are known, or thought findable.
///
/// It serves keys that are too long for the protocol, where a collision would hand one caller another's value. It is
/// small, made for short inputs, and needs no library on the ground floor.
package enum SHA256 {
    /// The length of a digest in bytes.
    package static let byteCount = 32

    /// The digest of some bytes.
    package static func digest(of bytes: some Collection<UInt8>) -> [UInt8] {
        var state = initialState
        var block: [UInt8] = []
        block.reserveCapacity(64)
        var length: UInt64 = 0
        func absorb(_ byte: UInt8) {
            block.append(byte)
            guard block.count == 64 else { return }
            compress(&state, block)
            block.removeAll(keepingCapacity: true)
        }
        for byte in bytes {
            absorb(byte)
            length &+= 8
        }
        absorb(0x80)
        while block.count != 56 { absorb(0) }
        for shift in stride(from: 56, through: 0, by: -8) { absorb(UInt8(truncatingIfNeeded: length >> UInt64(shift))) }
        return state.flatMap { word in
            stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    /// The digest as 64 hexadecimal digits.
    package static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest(of: bytes) {
            // Four bits are less than sixteen.
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let initialState: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]

    private static let constants: [UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]

    /// Takes in a block of 64 bytes.
    ///
    /// Every index below is within the 64 words and eight registers made here.
    private static func compress(_ state: inout [UInt32], _ block: [UInt8]) {
        var words = [UInt32](repeating: 0, count: 64)
        for index in 0..<16 {
            let start = index * 4
            words[index] =
                UInt32(block[start]) << 24 | UInt32(block[start + 1]) << 16 | UInt32(block[start + 2]) << 8
                | UInt32(block[start + 3])
        }
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let small = rotate(early, 7) ^ rotate(early, 18) ^ (early >> 3)
            let large = rotate(late, 17) ^ rotate(late, 19) ^ (late >> 10)
            words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
        }
        var registers = state
        for index in 0..<64 {
            let (a, b, c, e, f, g) = (
                registers[0], registers[1], registers[2], registers[4], registers[5], registers[6]
            )
            let choice = (e & f) ^ (~e & g)
            let mixedE = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let first = registers[7] &+ mixedE &+ choice &+ constants[index] &+ words[index]
            let majority = (a & b) ^ (a & c) ^ (b & c)
            let second = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) &+ majority
            registers = [first &+ second, a, b, c, registers[3] &+ first, e, f, g]
        }
        for index in 0..<8 { state[index] &+= registers[index] }
    }

    private static func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 {
        word >> count | word << (32 - count)
    }
}
