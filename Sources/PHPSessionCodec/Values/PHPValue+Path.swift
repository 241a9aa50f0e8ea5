extension PHPValue {
    /// The value at the end of a path of keys and property names, nil where there is none.
    ///
    /// References are followed. In an object a key is the name of a property, see ``PHPObject/subscript(_:)``.
    ///
    /// Assigning makes arrays of null and of steps that are missing, as PHP does; assigning nil removes. A subscript
    /// cannot throw: where the path leads through something else without members, the value stays as it is. Use
    /// `set(_:at:)` and `remove(at:)` where that may happen, they throw.
    ///
    /// - Parameter path: Keys from the outside in: `value["cart", "items", 0]`.
    public subscript(path: PHPKey...) -> PHPValue? {
        get { self[path: path] }
        set {
            var edit = ValueEdit(taking: &self)
            defer { self = edit.finish() }
            if let newValue {
                try? edit.set(newValue, at: path)
            } else {
                _ = try? edit.remove(at: path)
            }
        }
    }

    /// The value at the end of a path, nil where there is none.
    ///
    /// - Parameter path: Keys from the outside in; an empty path is the value itself.
    public subscript(path path: [PHPKey]) -> PHPValue? {
        var node = node
        for key in path {
            switch graph.resolved(node) {
            case .array(let index):
                guard let position = graph.arrays[index].members.position(matching: key) else { return nil }
                node = graph.arrays[index].members[position]
            case .object(let index):
                guard let position = graph.objects[index].position(ofProperty: key.name) else { return nil }
                node = graph.objects[index].members[position]
            default:
                return nil
            }
        }
        return PHPValue(graph, node)
    }

    /// Sets the value at the end of a path.
    ///
    /// As in PHP, null and missing members on the way become arrays, a PHP reference is assigned through, and a change
    /// inside an object is seen wherever the object is. A scalar in the way is an error and nothing is changed then.
    ///
    /// - Parameters:
    ///   - value: The new value.
    ///   - path: Keys from the outside in.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar, or to a property
    ///   that an object of a class other than `stdClass` does not have.
    public mutating func set(_ value: PHPValue, at path: PHPKey...) throws(PHPSessionCodecError) {
        var edit = ValueEdit(taking: &self)
        defer { self = edit.finish() }
        try edit.set(value, at: path)
    }

    /// Removes the member at the end of a path, as PHP's unset does.
    ///
    /// - Parameter path: Keys from the outside in.
    /// - Returns: Whether there was such a member.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar.
    @discardableResult
    public mutating func remove(at path: PHPKey...) throws(PHPSessionCodecError) -> Bool {
        var edit = ValueEdit(taking: &self)
        defer { self = edit.finish() }
        return try edit.remove(at: path)
    }
}
