/// The CRC-32 of zlib, PNG and Ethernet (ITU-T V.42, reflected polynomial 0xEDB88320), all 32 bits of it.
func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var remainder = UInt32.max
    for byte in bytes {
        remainder ^= UInt32(byte)
        remainder = (remainder &>> 4) ^ remainderOfNibble[Int(remainder & 0xf)]
        remainder = (remainder &>> 4) ^ remainderOfNibble[Int(remainder & 0xf)]
    }
    return ~remainder
}

/// The remainder that each value of four bits leaves.
///
/// A constant, so the compiler lays it out and no look-up builds it.
private let remainderOfNibble: [UInt32] = [
    0x0000_0000, 0x1db7_1064, 0x3b6e_20c8, 0x26d9_30ac, 0x76dc_4190, 0x6b6b_51f4, 0x4db2_6158, 0x5005_713c,
    0xedb8_8320, 0xf00f_9344, 0xd6d6_a3e8, 0xcb61_b38c, 0x9b64_c2b0, 0x86d3_d2d4, 0xa00a_e278, 0xbdbd_f21c,
]
