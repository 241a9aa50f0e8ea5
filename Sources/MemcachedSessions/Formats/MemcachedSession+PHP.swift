public import PHPSessionCodec
import Synchronization

// What only sessions in one of PHP's formats have: values inside of variables, and PHP's own types.
extension MemcachedSession {
    /// A value inside of a variable, with a value to take when it is not there.
    ///
    /// See ``subscript(_:_:_:as:)``.
    ///
    /// - Parameters:
    ///   - name: The name of the variable.
    ///   - key: A key of its array, or a property of its object.
    ///   - rest: More keys, from the outside in.
    ///   - defaultValue: What to take when there is no such value.
    public subscript<Value: Codable>(
        _ name: PHPKey,
        _ key: PHPKey,
        _ rest: PHPKey...,
        default defaultValue: @autoclosure () -> Value
    ) -> Value {
        get { get([name, key] + rest) ?? defaultValue() }
        set { set(newValue, [name, key] + rest) }
    }

    /// A value inside of a variable of a session in one of PHP's formats; nil when it is not there.
    ///
    /// Setting one makes arrays of what is missing on the way, as PHP does; setting nil removes it.
    ///
    /// ```swift
    /// session["cart", "items", 0] = "pear"
    /// let name: String? = session["user", "name"]
    /// ```
    ///
    /// A subscript cannot throw. What cannot be read or set is thrown at the end, and nothing stored, as with
    /// ``subscript(_:default:)``.
    ///
    /// - Parameters:
    ///   - name: The name of the variable.
    ///   - key: A key of its array, or a property of its object.
    ///   - rest: More keys, from the outside in.
    ///   - type: The type of the value.
    public subscript<Value: Codable>(
        _ name: PHPKey,
        _ key: PHPKey,
        _ rest: PHPKey...,
        as type: Value.Type = Value.self
    ) -> Value? {
        get { get([name, key] + rest) }
        set { set(newValue, [name, key] + rest) }
    }

    /// The session as PHP's values: references, objects and all.
    ///
    /// - Returns: A copy. Changes of it change nothing here; see ``changePHPSession(_:)``.
    /// - Throws: ``MemcachedSessionError/Code/decodingFailed`` when the bytes are not of the format,
    ///   ``MemcachedSessionError/Code/invalidConfiguration`` when the format is none of PHP's.
    public func phpSession() throws(MemcachedSessionError) -> PHPSession {
        var content = try content()
        return try content.readPHP { $0.session }
    }

    /// Changes the session as PHP's values: for objects, references, and anything that Codable has no word for.
    ///
    /// ```swift
    /// try session.changePHPSession { php in
    ///     try php.set("Ann", at: "user", "name")      // a property; the object stays one
    ///     php["visits"] = php["visits"]?.intValue.map { PHPValue($0 + 1) } ?? 1
    /// }
    /// ```
    ///
    /// - Parameter body: The change. When it throws, nothing is changed. It runs under the session's lock in this
    ///   process: do not use the session inside of it.
    /// - Throws: ``MemcachedSessionError/Code/encodingFailed`` with what `body` throws as its cause,
    ///   ``MemcachedSessionError/Code/decodingFailed`` when the bytes are not of the format,
    ///   ``MemcachedSessionError/Code/invalidConfiguration`` when the format is none of PHP's,
    ///   ``MemcachedSessionError/Code/readOnly``, ``MemcachedSessionError/Code/ended`` after the closure.
    public func changePHPSession(_ body: (inout PHPSession) throws -> Void) throws(MemcachedSessionError) {
        try changePHP { try body(&$0.session) }
    }

    private func get<Value: Codable>(_ path: [PHPKey]) -> Value? {
        do throws(MemcachedSessionError) {
            var content = try content()
            return try content.readPHP { try $0.value(at: path, as: Value.self) }
        } catch {
            note(error)
            return nil
        }
    }

    private func set<Value: Codable>(_ newValue: Value?, _ path: [PHPKey]) {
        do throws(MemcachedSessionError) {
            try changePHP { variables in
                if let newValue {
                    try variables.setValue(newValue, at: path)
                } else {
                    try variables.session.remove(at: path)
                }
            }
        } catch {
            note(error)
        }
    }

    private func changePHP(_ body: (inout PHPVariables) throws -> Void) throws(MemcachedSessionError) {
        try state.withLock { state throws(MemcachedSessionError) in
            guard !state.hasEnded else { throw State.ended }
            guard !isReadOnly else { throw State.readOnly }
            try state.content.requirePHP()
            try state.content.change { variables in
                guard var php = variables as? PHPVariables else { return }
                try body(&php)
                variables = php
            }
        }
    }
}

extension SessionContent {
    /// Reads the variables of a session in one of PHP's formats.
    fileprivate mutating func readPHP<Value>(
        _ body: (PHPVariables) throws -> Value
    ) throws(MemcachedSessionError) -> Value {
        try requirePHP()
        let value: Value? = try read { variables in try (variables as? PHPVariables).map(body) }
        guard let value else { throw noPHP }
        return value
    }

    /// Makes sure that the variables are PHP's.
    fileprivate mutating func requirePHP() throws(MemcachedSessionError) {
        let isPHP = try read { $0 is PHPVariables }
        if !isPHP { throw noPHP }
    }

    private var noPHP: MemcachedSessionError {
        MemcachedSessionError(
            .invalidConfiguration,
            "the session's format is \(formatName); paths and PHP's values need one of PHP's, such as .php"
        )
    }
}
