import NIOCore

/// The content of a session in memory: bytes, and the variables in them once somebody asks.
///
/// Plain data.
struct SessionContent: Sendable {
    private let format: any MemcachedSessionFormat
    /// What was read.
    let stored: ByteBuffer
    /// What is to be stored; nil when the variables are newer.
    private var current: ByteBuffer?
    /// What the variables were last read from or changed to.
    private var variables: (any MemcachedSessionVariables)?

    init(_ stored: ByteBuffer, format: any MemcachedSessionFormat) {
        self.stored = stored
        self.current = stored
        self.format = format
    }

    /// The name of the format, for errors.
    var formatName: String { format.name }

    /// The bytes to store.
    func bytes() throws(MemcachedSessionError) -> ByteBuffer {
        if let current { return current }
        guard let variables else { return ByteBuffer() }
        do {
            return try variables.bytes()
        } catch {
            throw Self.encodingFailed(format, error)
        }
    }

    /// Replaces everything by bytes.
    mutating func replace(with bytes: ByteBuffer) {
        current = bytes
        variables = nil
    }

    /// Reads something of the variables.
    mutating func read<Value>(
        _ body: (any MemcachedSessionVariables) throws -> Value
    ) throws(MemcachedSessionError) -> Value {
        let variables = try parsed()
        do {
            return try body(variables)
        } catch {
            throw MemcachedSessionError(
                .decodingFailed,
                "a variable of the session is missing or not of the type asked for; the session was left as it is",
                cause: error
            )
        }
    }

    /// Changes the variables; when that fails, they are as they were.
    mutating func change(
        _ body: (inout any MemcachedSessionVariables) throws -> Void
    ) throws(MemcachedSessionError) {
        var changed = try parsed()
        do {
            try body(&changed)
        } catch {
            throw Self.encodingFailed(format, error)
        }
        variables = changed
        current = nil
    }

    private mutating func parsed() throws(MemcachedSessionError) -> any MemcachedSessionVariables {
        if let variables { return variables }
        do {
            let parsed = try format.variables(from: current ?? ByteBuffer())
            variables = parsed
            return parsed
        } catch {
            throw MemcachedSessionError(
                .decodingFailed,
                "the session's \(current?.readableBytes ?? 0) bytes are not in the format \(format.name); they were "
                    + "left as they are. Read them with session.bytes, or configure the format they were written in",
                cause: error
            )
        }
    }

    private static func encodingFailed(
        _ format: any MemcachedSessionFormat,
        _ error: any Error
    ) -> MemcachedSessionError {
        MemcachedSessionError(
            .encodingFailed,
            "a value cannot be expressed in the session format \(format.name); nothing was stored",
            cause: error
        )
    }
}
