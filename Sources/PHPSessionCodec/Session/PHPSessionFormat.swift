/// How PHP writes a session, its setting `session.serialize_handler`.
public enum PHPSessionFormat: String, Sendable, Hashable, CaseIterable {
    /// `name|value` for each variable, PHP's default. Names are strings without `|`.
    case php
    /// A length byte, the name and the value of each variable. Names have at most 127 bytes.
    case phpBinary = "php_binary"
    /// One serialized array. The only format that keeps integer names.
    case phpSerialize = "php_serialize"
    /// The format of the igbinary extension.
    case igbinary
    /// The format of the msgpack extension.
    case msgpack
}
