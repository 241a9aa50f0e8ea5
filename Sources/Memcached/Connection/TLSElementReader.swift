/// Reads the elements of ASN.1 in DER (ITU-T X.690) one after the other, as far as certificates need it.
struct TLSElementReader {
    /// A tag and what stands under it.
    struct Element {
        var tag: UInt8
        var content: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// The next element; nil at the end, and when the bytes are not an element.
    mutating func next() -> Element? {
        var bytes = rest
        // Tags of more than one byte have all five low bits set; certificates have none.
        guard let tag = bytes.popFirst(), tag & 0x1F != 0x1F, let first = bytes.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            // At most three bytes: no certificate has 16 MiB, and the sum below cannot overflow anywhere.
            let count = Int(first & 0x7F)
            guard (1...3).contains(count), bytes.count >= count else { return nil }
            length = bytes.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            bytes = bytes.dropFirst(count)
        }
        guard bytes.count >= length else { return nil }
        rest = bytes.dropFirst(length)
        return Element(tag: tag, content: bytes.prefix(length))
    }

    /// The content of the next element if it has this tag; nil, with nothing read, otherwise.
    mutating func next(tag: UInt8) -> ArraySlice<UInt8>? {
        var ahead = self
        guard let element = ahead.next(), element.tag == tag else { return nil }
        self = ahead
        return element.content
    }
}
