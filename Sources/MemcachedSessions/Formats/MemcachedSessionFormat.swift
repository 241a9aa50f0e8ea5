public import NIOCore

/// A way to keep named variables in the bytes of a session.
///
/// The handler moves bytes and knows nothing of their meaning. A format gives them one: it reads them into
/// ``MemcachedSessionVariables`` of its own, which may hold on to what it does not understand so that changing one
/// variable leaves the others as they were.
public protocol MemcachedSessionFormat: Sendable {
    /// The name of the format, for errors.
    var name: String { get }

    /// Reads the variables of a session.
    ///
    /// - Parameter bytes: The session as stored; empty for a new one.
    /// - Returns: The variables.
    /// - Throws: When the bytes are not of this format. The session then stays as it is.
    func variables(from bytes: ByteBuffer) throws -> any MemcachedSessionVariables
}

/// The variables of one session, as a format keeps them in memory.
///
/// Its methods run under the session's lock in this process and must not use the session.
public protocol MemcachedSessionVariables: Sendable {
    /// The names of the variables.
    var names: [String] { get }

    /// One variable.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - type: The type to read it as.
    /// - Returns: Its value; nil when there is no such variable.
    /// - Throws: When the variable is of another type.
    func value<Value: Decodable>(_ name: String, as type: Value.Type) throws -> Value?

    /// Sets one variable and leaves the others as they are.
    ///
    /// - Parameters:
    ///   - value: The new value.
    ///   - name: The variable's name.
    /// - Throws: When the format cannot express the value or the name.
    mutating func setValue(_ value: some Encodable, for name: String) throws

    /// Removes one variable, if it is there.
    ///
    /// - Parameter name: The variable's name.
    mutating func removeValue(for name: String)

    /// All variables as one value with a member for each.
    ///
    /// - Parameter type: The type to read them as.
    /// - Returns: The value.
    /// - Throws: When members are missing or of another type.
    func values<Value: Decodable>(as type: Value.Type) throws -> Value

    /// Replaces all variables by the members of a value.
    ///
    /// - Parameter value: A value that encodes to named members.
    /// - Throws: When the value has no named members, or the format cannot express them.
    mutating func setValues(_ value: some Encodable) throws

    /// The variables as bytes; none when there are no variables.
    ///
    /// - Returns: What to store.
    /// - Throws: When the format cannot express them.
    func bytes() throws -> ByteBuffer
}
