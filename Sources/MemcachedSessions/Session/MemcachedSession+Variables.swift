import Synchronization

extension MemcachedSession {
    /// A variable, with a value to take when it is not there.
    ///
    /// A subscript cannot throw. A variable that is of another type, or bytes that are not of the format, read as
    /// `defaultValue`, and ``MemcachedSessionHandler/withSession(id:route:onConflict:_:)`` then throws
    /// ``MemcachedSessionError/Code/decodingFailed`` and stores nothing, so that no default replaces a value that is
    /// there. ``value(_:as:)`` throws at once.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - defaultValue: What to take when there is no such variable.
    public subscript<Value: Codable>(
        _ name: String,
        default defaultValue: @autoclosure () -> Value
    ) -> Value {
        get { self[name, as: Value.self] ?? defaultValue() }
        set { self[name, as: Value.self] = newValue }
    }

    /// A variable; nil when it is not there.
    ///
    /// Setting nil removes it.
    ///
    /// What cannot be read or stored is thrown at the end, as with ``subscript(_:default:)``.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - type: Its type.
    public subscript<Value: Codable>(_ name: String, as type: Value.Type = Value.self) -> Value? {
        get {
            do throws(MemcachedSessionError) {
                return try value(name, as: type)
            } catch {
                note(error)
                return nil
            }
        }
        set {
            do throws(MemcachedSessionError) {
                if let newValue {
                    try setValue(newValue, for: name)
                } else {
                    try removeValue(for: name)
                }
            } catch {
                note(error)
            }
        }
    }

    /// The names of the variables.
    ///
    /// - Returns: The names; none for a new session.
    /// - Throws: ``MemcachedSessionError/Code/decodingFailed`` when the bytes are not of the format.
    public func names() throws(MemcachedSessionError) -> [String] {
        var content = try content()
        return try content.read { $0.names }
    }

    /// One variable.
    ///
    /// - Parameters:
    ///   - name: The variable's name.
    ///   - type: The type to read it as.
    /// - Returns: Its value; nil when there is no such variable.
    /// - Throws: ``MemcachedSessionError/Code/decodingFailed`` when it is of another type, or the bytes are not of the
    ///   format. Nothing of the session is changed then.
    public func value<Value: Decodable>(
        _ name: String,
        as type: Value.Type
    ) throws(MemcachedSessionError) -> Value? {
        var content = try content()
        return try content.read { try $0.value(name, as: type) }
    }

    /// Sets one variable.
    ///
    /// The value is encoded under the session's lock in this process, as by every other way to set one: do not use the
    /// session inside of its `encode(to:)`.
    ///
    /// - Parameters:
    ///   - value: The new value.
    ///   - name: The variable's name.
    /// - Throws: ``MemcachedSessionError/Code/encodingFailed`` when the format cannot express it,
    ///   ``MemcachedSessionError/Code/decodingFailed`` when the bytes are not of the format,
    ///   ``MemcachedSessionError/Code/ended`` after the closure.
    public func setValue(_ value: some Encodable, for name: String) throws(MemcachedSessionError) {
        try change { try $0.setValue(value, for: name) }
    }

    /// Removes one variable, if it is there.
    ///
    /// - Parameter name: The variable's name.
    /// - Throws: ``MemcachedSessionError/Code/decodingFailed`` when the bytes are not of the format,
    ///   ``MemcachedSessionError/Code/ended`` after the closure.
    public func removeValue(for name: String) throws(MemcachedSessionError) {
        try change { $0.removeValue(for: name) }
    }

    /// All variables as one value with a member for each.
    ///
    /// - Parameter type: The type to read them as.
    /// - Returns: The value; nil for a session without variables.
    /// - Throws: ``MemcachedSessionError/Code/decodingFailed``.
    public func value<Value: Decodable>(as type: Value.Type) throws(MemcachedSessionError) -> Value? {
        var content = try content()
        return try content.read { $0.names.isEmpty ? nil : try $0.values(as: type) }
    }

    /// Replaces all variables by the members of a value.
    ///
    /// - Parameter value: A structure or dictionary. Its `encode(to:)` must not use the session.
    /// - Throws: ``MemcachedSessionError/Code/encodingFailed`` when the format cannot express it, for example a bare
    ///   number; ``MemcachedSessionError/Code/ended`` after the closure.
    public func setValue(_ value: some Encodable) throws(MemcachedSessionError) {
        try change { try $0.setValues(value) }
    }

    /// A copy of the content, so that values are decoded outside the lock.
    func content() throws(MemcachedSessionError) -> SessionContent {
        try state.withLock { state throws(MemcachedSessionError) in
            // Reads the bytes once, for this and later copies.
            try state.content.read { _ in }
            return state.content
        }
    }

    private func change(
        _ body: (inout any MemcachedSessionVariables) throws -> Void
    ) throws(MemcachedSessionError) {
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.hasEnded else { throw State.ended }
            guard !isReadOnly else { throw State.readOnly }
            try state.content.change(body)
        }
    }

    func note(_ error: MemcachedSessionError) {
        state.withLock { $0.note(error) }
    }
}
