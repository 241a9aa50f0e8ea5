import NIOCore

/// A type whose values are stored as themselves, not as JSON: bytes, text, integers, decimals, booleans.
protocol PlainValue {
    /// The value as what is stored.
    var plainForm: PlainForm { get }

    /// Makes the value of what is stored.
    static func read(from source: some PlainSource) throws(MemcachedError) -> Self
}

/// What is stored of a ``PlainValue``; a transcoder decides on the bytes.
enum PlainForm {
    case bytes(ByteBuffer)
    case text(String)
    /// An integer in decimal, and the same as an `Int64` if it is in its range.
    case integer(String, Int64?)
    case number(DecimalText)
    case boolean(Bool)

    /// The form of a value, or of what an optional holds; nil for types that are not plain, and for nil.
    init?<Value>(of value: Value) {
        if let text = value as? String {
            self = .text(text)
            return
        }
        // The cast looks into optionals.
        guard let plain = value as? any PlainValue else { return nil }
        self = plain.plainForm
    }

    /// Reads a value of a plain type, or of an optional of one.
    ///
    /// - Returns: The value; nil when the type is not plain.
    /// - Throws: What the source throws.
    static func read<Value>(_ type: Value.Type, from source: some PlainSource) throws(MemcachedError) -> Value? {
        // The casts take longer than all the rest, and text is what is stored most.
        if type == String.self { return try source.text() as? Value }
        if let plain = type as? any PlainValue.Type { return try plain.read(from: source) as? Value }
        guard let plain = unwrapped(type) as? any PlainValue.Type else { return nil }
        return try plain.read(from: source) as? Value
    }

    private static func unwrapped(_ type: Any.Type) -> Any.Type {
        var type = type
        while let optional = type as? any OptionalValue.Type { type = optional.wrappedType }
        return type
    }
}

/// What `Optional` alone conforms to.
protocol OptionalValue {
    static var wrappedType: Any.Type { get }
    /// Whether it is nil, at whatever depth.
    var isNil: Bool { get }
}

extension Optional: OptionalValue {
    static var wrappedType: Any.Type { Wrapped.self }

    var isNil: Bool {
        guard let wrapped = self else { return true }
        return (wrapped as? any OptionalValue)?.isNil ?? false
    }
}
