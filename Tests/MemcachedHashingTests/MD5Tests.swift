import MemcachedHashing
import Testing

@Suite struct MD5Tests {
    /// The test suite of RFC 1321, appendix A.5.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func `the digests of RFC 1321 are met`(message: String, digest: String) {
        #expect(hex(Array(message.utf8)) == digest)
    }

    /// Around every edge of the padding; made with `md5sum` (coreutils 9.1) of so many letters "a".
    @Test(arguments: [
        (3, "47bce5c74f589f4867dbd57e9ca9f808"),
        (4, "74b87337454200d4d33f80c4663dc5e5"),
        (55, "ef1772b6dff9a122358552954ad0df65"),
        (56, "3b0c8ac703f828b04c6c197006d17218"),
        (57, "652b906d60af96844ebd21b674f35e93"),
        (59, "762fc2665994b217c52c3c2eb7d9f406"),
        (60, "cc7ed669cf88f201c3297c6a91e1d18d"),
        (63, "b06521f39153d618550606be297466d5"),
        (64, "014842d480b571495a4a0363793f7367"),
        (65, "c743a45e0d2e6a95cb859adae0248435"),
        (119, "8a7bd0732ed6a28ce75f6dabc90e1613"),
        (120, "5f61c0ccad4cac44c75ff505e1f1e537"),
        (127, "020406e1d05cdc2aa287641f7ae2cc39"),
        (128, "e510683b3f5ffe4093d021808bc6ff70"),
        (250, "1bdbdf1c9087c796394bcda5789f7206"),
        (1000, "cabe45dcc9ae5b66ba86600cca6b8ba8"),
    ])
    func `the padding is right at every edge`(count: Int, digest: String) {
        #expect(hex(Array(repeating: UInt8(ascii: "a"), count: count)) == digest)
    }

    private func hex(_ message: [UInt8]) -> String {
        message.withUnsafeBytes { MD5(of: $0) }.bytes
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
