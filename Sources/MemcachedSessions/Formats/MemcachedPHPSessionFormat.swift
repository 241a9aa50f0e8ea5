public import NIOCore
public import PHPSessionCodec

/// Sessions as a PHP session handler stores them, so that PHP and Swift share them.
///
/// Choose the one that PHP's `session.serialize_handler` names. What a session holds and Swift does not understand is
/// kept: a variable that is not changed is written back as the bytes it was read from, in PHP's three formats of text,
/// and with its meaning in the others. Bytes that cannot be read are an error, after which the session stays as it is;
/// PHP itself deletes such a session and logs its user out.
///
/// ```swift
/// configuration.format = .php
/// let outcome = try await handler.withSession(id: cookie) { session in
///     session["count", default: 0] += 1
///     session["cart", "items", 0] = "pear"
/// }
/// ```
public struct MemcachedPHPSessionFormat: MemcachedSessionFormat {
    /// What PHP's `session.serialize_handler` says.
    public var format: PHPSessionFormat
    /// How large a session may be, and how deeply its values may nest.
    public var limits: PHPSessionLimits

    /// Makes the format.
    ///
    /// - Parameters:
    ///   - format: What PHP's `session.serialize_handler` says.
    ///   - limits: How large a session may be, and how deeply its values may nest.
    public init(_ format: PHPSessionFormat, limits: PHPSessionLimits = .standard) {
        self.format = format
        self.limits = limits
    }

    /// Makes the format that a value of PHP's setting `session.serialize_handler` names.
    ///
    /// - Parameter serializeHandler: `php`, `php_binary`, `php_serialize`, `igbinary` or `msgpack`; nil for others.
    public init?(serializeHandler: String) {
        guard let format = PHPSessionFormat(rawValue: serializeHandler) else { return nil }
        self.init(format)
    }

    /// The value of `session.serialize_handler`.
    public var name: String { format.rawValue }

    /// Reads the variables of a session.
    ///
    /// - Parameter bytes: The session as PHP stored it; none for an empty one.
    /// - Returns: The variables.
    /// - Throws: `PHPSessionCodecError` with the offset at which the bytes are wrong.
    public func variables(from bytes: ByteBuffer) throws -> any MemcachedSessionVariables {
        PHPVariables(try PHPSession(decoding: bytes.readableBytesView, format: format, limits: limits))
    }
}

extension MemcachedSessionFormat where Self == MemcachedPHPSessionFormat {
    /// PHP's default: `name|value` for each variable.
    public static var php: MemcachedPHPSessionFormat { MemcachedPHPSessionFormat(.php) }

    /// PHP's `php_binary`: a length byte, the name and the value of each variable.
    public static var phpBinary: MemcachedPHPSessionFormat { MemcachedPHPSessionFormat(.phpBinary) }

    /// PHP's `php_serialize`: one serialized array, the only format that keeps integer names and `|` in names.
    public static var phpSerialize: MemcachedPHPSessionFormat { MemcachedPHPSessionFormat(.phpSerialize) }

    /// The format of PHP's igbinary extension.
    public static var igbinary: MemcachedPHPSessionFormat { MemcachedPHPSessionFormat(.igbinary) }

    /// The format of PHP's msgpack extension.
    public static var msgpack: MemcachedPHPSessionFormat { MemcachedPHPSessionFormat(.msgpack) }
}
