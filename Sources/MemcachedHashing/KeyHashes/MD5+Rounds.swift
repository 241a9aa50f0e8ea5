extension MD5 {
    /// Mixes one block of sixteen little-endian words into the state: the 64 steps of RFC 1321, section 3.4.
    ///
    /// Written out, so that every word, constant and shift is known to the compiler and nothing is looked up.
    ///
    /// - Parameters:
    ///   - m: the words of the block.
    ///   - state: the digest so far.
    static func mix(_ m: SIMD16<UInt32>, into state: inout SIMD4<UInt32>) {
        var a = state[0]
        var b = state[1]
        var c = state[2]
        var d = state[3]

        a = b &+ (a &+ f(b, c, d) &+ m[0] &+ 0xd76a_a478).rotatedLeft(by: 7)
        d = a &+ (d &+ f(a, b, c) &+ m[1] &+ 0xe8c7_b756).rotatedLeft(by: 12)
        c = d &+ (c &+ f(d, a, b) &+ m[2] &+ 0x2420_70db).rotatedLeft(by: 17)
        b = c &+ (b &+ f(c, d, a) &+ m[3] &+ 0xc1bd_ceee).rotatedLeft(by: 22)
        a = b &+ (a &+ f(b, c, d) &+ m[4] &+ 0xf57c_0faf).rotatedLeft(by: 7)
        d = a &+ (d &+ f(a, b, c) &+ m[5] &+ 0x4787_c62a).rotatedLeft(by: 12)
        c = d &+ (c &+ f(d, a, b) &+ m[6] &+ 0xa830_4613).rotatedLeft(by: 17)
        b = c &+ (b &+ f(c, d, a) &+ m[7] &+ 0xfd46_9501).rotatedLeft(by: 22)
        a = b &+ (a &+ f(b, c, d) &+ m[8] &+ 0x6980_98d8).rotatedLeft(by: 7)
        d = a &+ (d &+ f(a, b, c) &+ m[9] &+ 0x8b44_f7af).rotatedLeft(by: 12)
        c = d &+ (c &+ f(d, a, b) &+ m[10] &+ 0xffff_5bb1).rotatedLeft(by: 17)
        b = c &+ (b &+ f(c, d, a) &+ m[11] &+ 0x895c_d7be).rotatedLeft(by: 22)
        a = b &+ (a &+ f(b, c, d) &+ m[12] &+ 0x6b90_1122).rotatedLeft(by: 7)
        d = a &+ (d &+ f(a, b, c) &+ m[13] &+ 0xfd98_7193).rotatedLeft(by: 12)
        c = d &+ (c &+ f(d, a, b) &+ m[14] &+ 0xa679_438e).rotatedLeft(by: 17)
        b = c &+ (b &+ f(c, d, a) &+ m[15] &+ 0x49b4_0821).rotatedLeft(by: 22)

        a = b &+ (a &+ g(b, c, d) &+ m[1] &+ 0xf61e_2562).rotatedLeft(by: 5)
        d = a &+ (d &+ g(a, b, c) &+ m[6] &+ 0xc040_b340).rotatedLeft(by: 9)
        c = d &+ (c &+ g(d, a, b) &+ m[11] &+ 0x265e_5a51).rotatedLeft(by: 14)
        b = c &+ (b &+ g(c, d, a) &+ m[0] &+ 0xe9b6_c7aa).rotatedLeft(by: 20)
        a = b &+ (a &+ g(b, c, d) &+ m[5] &+ 0xd62f_105d).rotatedLeft(by: 5)
        d = a &+ (d &+ g(a, b, c) &+ m[10] &+ 0x0244_1453).rotatedLeft(by: 9)
        c = d &+ (c &+ g(d, a, b) &+ m[15] &+ 0xd8a1_e681).rotatedLeft(by: 14)
        b = c &+ (b &+ g(c, d, a) &+ m[4] &+ 0xe7d3_fbc8).rotatedLeft(by: 20)
        a = b &+ (a &+ g(b, c, d) &+ m[9] &+ 0x21e1_cde6).rotatedLeft(by: 5)
        d = a &+ (d &+ g(a, b, c) &+ m[14] &+ 0xc337_07d6).rotatedLeft(by: 9)
        c = d &+ (c &+ g(d, a, b) &+ m[3] &+ 0xf4d5_0d87).rotatedLeft(by: 14)
        b = c &+ (b &+ g(c, d, a) &+ m[8] &+ 0x455a_14ed).rotatedLeft(by: 20)
        a = b &+ (a &+ g(b, c, d) &+ m[13] &+ 0xa9e3_e905).rotatedLeft(by: 5)
        d = a &+ (d &+ g(a, b, c) &+ m[2] &+ 0xfcef_a3f8).rotatedLeft(by: 9)
        c = d &+ (c &+ g(d, a, b) &+ m[7] &+ 0x676f_02d9).rotatedLeft(by: 14)
        b = c &+ (b &+ g(c, d, a) &+ m[12] &+ 0x8d2a_4c8a).rotatedLeft(by: 20)

        a = b &+ (a &+ h(b, c, d) &+ m[5] &+ 0xfffa_3942).rotatedLeft(by: 4)
        d = a &+ (d &+ h(a, b, c) &+ m[8] &+ 0x8771_f681).rotatedLeft(by: 11)
        c = d &+ (c &+ h(d, a, b) &+ m[11] &+ 0x6d9d_6122).rotatedLeft(by: 16)
        b = c &+ (b &+ h(c, d, a) &+ m[14] &+ 0xfde5_380c).rotatedLeft(by: 23)
        a = b &+ (a &+ h(b, c, d) &+ m[1] &+ 0xa4be_ea44).rotatedLeft(by: 4)
        d = a &+ (d &+ h(a, b, c) &+ m[4] &+ 0x4bde_cfa9).rotatedLeft(by: 11)
        c = d &+ (c &+ h(d, a, b) &+ m[7] &+ 0xf6bb_4b60).rotatedLeft(by: 16)
        b = c &+ (b &+ h(c, d, a) &+ m[10] &+ 0xbebf_bc70).rotatedLeft(by: 23)
        a = b &+ (a &+ h(b, c, d) &+ m[13] &+ 0x289b_7ec6).rotatedLeft(by: 4)
        d = a &+ (d &+ h(a, b, c) &+ m[0] &+ 0xeaa1_27fa).rotatedLeft(by: 11)
        c = d &+ (c &+ h(d, a, b) &+ m[3] &+ 0xd4ef_3085).rotatedLeft(by: 16)
        b = c &+ (b &+ h(c, d, a) &+ m[6] &+ 0x0488_1d05).rotatedLeft(by: 23)
        a = b &+ (a &+ h(b, c, d) &+ m[9] &+ 0xd9d4_d039).rotatedLeft(by: 4)
        d = a &+ (d &+ h(a, b, c) &+ m[12] &+ 0xe6db_99e5).rotatedLeft(by: 11)
        c = d &+ (c &+ h(d, a, b) &+ m[15] &+ 0x1fa2_7cf8).rotatedLeft(by: 16)
        b = c &+ (b &+ h(c, d, a) &+ m[2] &+ 0xc4ac_5665).rotatedLeft(by: 23)

        a = b &+ (a &+ i(b, c, d) &+ m[0] &+ 0xf429_2244).rotatedLeft(by: 6)
        d = a &+ (d &+ i(a, b, c) &+ m[7] &+ 0x432a_ff97).rotatedLeft(by: 10)
        c = d &+ (c &+ i(d, a, b) &+ m[14] &+ 0xab94_23a7).rotatedLeft(by: 15)
        b = c &+ (b &+ i(c, d, a) &+ m[5] &+ 0xfc93_a039).rotatedLeft(by: 21)
        a = b &+ (a &+ i(b, c, d) &+ m[12] &+ 0x655b_59c3).rotatedLeft(by: 6)
        d = a &+ (d &+ i(a, b, c) &+ m[3] &+ 0x8f0c_cc92).rotatedLeft(by: 10)
        c = d &+ (c &+ i(d, a, b) &+ m[10] &+ 0xffef_f47d).rotatedLeft(by: 15)
        b = c &+ (b &+ i(c, d, a) &+ m[1] &+ 0x8584_5dd1).rotatedLeft(by: 21)
        a = b &+ (a &+ i(b, c, d) &+ m[8] &+ 0x6fa8_7e4f).rotatedLeft(by: 6)
        d = a &+ (d &+ i(a, b, c) &+ m[15] &+ 0xfe2c_e6e0).rotatedLeft(by: 10)
        c = d &+ (c &+ i(d, a, b) &+ m[6] &+ 0xa301_4314).rotatedLeft(by: 15)
        b = c &+ (b &+ i(c, d, a) &+ m[13] &+ 0x4e08_11a1).rotatedLeft(by: 21)
        a = b &+ (a &+ i(b, c, d) &+ m[4] &+ 0xf753_7e82).rotatedLeft(by: 6)
        d = a &+ (d &+ i(a, b, c) &+ m[11] &+ 0xbd3a_f235).rotatedLeft(by: 10)
        c = d &+ (c &+ i(d, a, b) &+ m[2] &+ 0x2ad7_d2bb).rotatedLeft(by: 15)
        b = c &+ (b &+ i(c, d, a) &+ m[9] &+ 0xeb86_d391).rotatedLeft(by: 21)

        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
    }

    @inline(__always)
    private static func f(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 { (x & y) | (~x & z) }

    @inline(__always)
    private static func g(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 { (x & z) | (y & ~z) }

    @inline(__always)
    private static func h(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 { x ^ y ^ z }

    @inline(__always)
    private static func i(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> UInt32 { y ^ (x | ~z) }
}
