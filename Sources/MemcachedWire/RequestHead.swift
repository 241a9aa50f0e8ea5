/// The extras of a request, as values.
package enum RequestExtras: Hashable, Sendable {
    case none
    /// Expiration of TOUCH and the get-and-touch family, as the wire wants it (see `Expiration` in `Memcached`).
    case expiration(UInt32)
    /// Seconds that FLUSH waits.
    case delay(UInt32)
    /// Client flags and expiration of SET, ADD, REPLACE.
    case store(flags: UInt32, expiration: UInt32)
    /// Delta, initial value and expiration of INCREMENT, DECREMENT. `0xFFFF_FFFF` as expiration: fail if absent.
    case counter(delta: UInt64, initial: UInt64, expiration: UInt32)

    /// The length in bytes.
    package var byteCount: Int {
        switch self {
        case .none: 0
        case .expiration, .delay: 4
        case .store: 8
        case .counter: 20
        }
    }
}

/// What precedes key and value in a request: header and extras.
package struct RequestHead: Hashable, Sendable {
    /// Header and the longest extras, in bytes.
    package static let maximumByteCount = RequestHeader.byteCount + 20
    /// The longest key a server accepts, in bytes.
    package static let maximumKeyLength = 250

    package var opcode: Opcode
    package var extras: RequestExtras
    package var keyLength: UInt16
    package var valueLength: UInt32
    package var opaque: UInt32
    package var cas: UInt64

    /// Describes a request; nil when its body would not fit the 32-bit length field.
    package init?(
        opcode: Opcode,
        extras: RequestExtras = .none,
        keyLength: Int,
        valueLength: Int,
        opaque: UInt32,
        cas: UInt64 = 0
    ) {
        guard
            let key = UInt16(exactly: keyLength),
            let value = UInt32(exactly: valueLength),
            UInt64(value) + UInt64(key) + UInt64(extras.byteCount) <= UInt64(UInt32.max)
        else { return nil }
        self.opcode = opcode
        self.extras = extras
        self.keyLength = key
        self.valueLength = value
        self.opaque = opaque
        self.cas = cas
    }

    /// Header and extras, in bytes.
    package var byteCount: Int {
        RequestHeader.byteCount + extras.byteCount
    }

    /// Writes header and extras to the front of `target`.
    ///
    /// - Parameter target: Room for at least ``byteCount`` bytes; with less, nothing is written.
    /// - Returns: The number of bytes written, 0 when there was no room.
    package func write(into target: UnsafeMutableRawBufferPointer) -> Int {
        let count = byteCount
        guard target.count >= count else { return 0 }
        // The room is checked above: every offset below is less than `count`.
        unsafe target.storeBytes(of: RequestHeader.magic, toByteOffset: 0, as: UInt8.self)
        unsafe target.storeBytes(of: opcode.rawValue, toByteOffset: 1, as: UInt8.self)
        unsafe target.storeBytes(of: keyLength.bigEndian, toByteOffset: 2, as: UInt16.self)
        unsafe target.storeBytes(of: UInt8(truncatingIfNeeded: extras.byteCount), toByteOffset: 4, as: UInt8.self)
        unsafe target.storeBytes(of: 0, toByteOffset: 5, as: UInt8.self)
        unsafe target.storeBytes(of: 0, toByteOffset: 6, as: UInt16.self)
        let body = UInt32(truncatingIfNeeded: extras.byteCount) &+ UInt32(keyLength) &+ valueLength
        unsafe target.storeBytes(of: body.bigEndian, toByteOffset: 8, as: UInt32.self)
        unsafe target.storeBytes(of: opaque.bigEndian, toByteOffset: 12, as: UInt32.self)
        unsafe target.storeBytes(of: cas.bigEndian, toByteOffset: 16, as: UInt64.self)
        switch extras {
        case .none:
            break
        case .expiration(let word), .delay(let word):
            unsafe target.storeBytes(of: word.bigEndian, toByteOffset: 24, as: UInt32.self)
        case .store(let flags, let expiration):
            unsafe target.storeBytes(of: flags.bigEndian, toByteOffset: 24, as: UInt32.self)
            unsafe target.storeBytes(of: expiration.bigEndian, toByteOffset: 28, as: UInt32.self)
        case .counter(let delta, let initial, let expiration):
            unsafe target.storeBytes(of: delta.bigEndian, toByteOffset: 24, as: UInt64.self)
            unsafe target.storeBytes(of: initial.bigEndian, toByteOffset: 32, as: UInt64.self)
            unsafe target.storeBytes(of: expiration.bigEndian, toByteOffset: 40, as: UInt32.self)
        }
        return count
    }

    /// The whole request as one array, for tests and tools; the connection writes into its outbox instead.
    ///
    /// - Parameters:
    ///   - key: The key, as long as ``keyLength`` says.
    ///   - value: The value, as long as ``valueLength`` says.
    /// - Returns: Header, extras, key and value.
    package func encoded(key: [UInt8], value: [UInt8]) -> [UInt8] {
        let head = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            count = write(into: UnsafeMutableRawBufferPointer(buffer))
        }
        return head + key + value
    }
}
