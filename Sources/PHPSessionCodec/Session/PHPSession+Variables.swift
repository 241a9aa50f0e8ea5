extension PHPSession {
    /// A variable by name, nil where there is none.
    ///
    /// Assigning nil removes it.
    ///
    /// As in PHP, a variable that is a reference is assigned through: what refers to it changes too. A value that is
    /// assigned is a copy; objects in it are other ones than those that variables held before. To change an object that
    /// several variables hold, use `set(_:at:)` with a path into it. A session whose root is no array, which only
    /// `php_serialize` can store, becomes one.
    ///
    /// - Parameter name: The name of the variable.
    public subscript(name: String) -> PHPValue? {
        get { value[path: [PHPKey(name)]] }
        set {
            if case .array = value.graph.resolved(value.node) {
            } else {
                value = PHPValue(PHPArray())
                source?.isChanged = true
                source?.provenance = nil
            }
            // An array takes every name and every value.
            try? edit([PHPKey(name)]) { (edit) throws(PHPSessionCodecError) in
                if let newValue {
                    try edit.set(newValue, at: [PHPKey(name)])
                } else {
                    _ = try edit.remove(at: [PHPKey(name)])
                }
            }
        }
    }

    /// The value at the end of a path, the name of a variable first: `session["cart", "items", 0]`.
    ///
    /// Assigning makes arrays of null and of steps that are missing, as PHP does; assigning nil removes. A subscript
    /// cannot throw: where the path leads through something else without members, the session stays as it is. Use
    /// `set(_:at:)` and `remove(at:)` where that may happen, they throw.
    ///
    /// - Parameter path: The name of a variable, then keys and property names from the outside in.
    public subscript(path: PHPKey...) -> PHPValue? {
        get { value[path: path] }
        set {
            if let newValue {
                try? set(newValue, at: path)
            } else {
                _ = try? remove(at: path)
            }
        }
    }

    /// The value at the end of a path that was made elsewhere, nil where there is none.
    ///
    /// - Parameter path: The name of a variable, then keys and property names from the outside in.
    public subscript(path path: [PHPKey]) -> PHPValue? { value[path: path] }

    /// Sets the value at the end of a path.
    ///
    /// See ``PHPValue/set(_:at:)``.
    ///
    /// - Parameters:
    ///   - newValue: The new value.
    ///   - path: The name of a variable, then keys and property names from the outside in.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar or is empty.
    public mutating func set(_ newValue: PHPValue, at path: PHPKey...) throws(PHPSessionCodecError) {
        try set(newValue, at: path)
    }

    /// Sets the value at the end of a path that was made elsewhere, see `set(_:at:)`.
    ///
    /// - Parameters:
    ///   - newValue: The new value.
    ///   - path: The name of a variable, then keys and property names from the outside in.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar or is empty.
    public mutating func set(_ newValue: PHPValue, at path: [PHPKey]) throws(PHPSessionCodecError) {
        guard !path.isEmpty else {
            throw PHPSessionCodecError(.notAContainer, "the path of a variable starts with its name")
        }
        try edit(path) { (edit) throws(PHPSessionCodecError) in try edit.set(newValue, at: path) }
    }

    /// Removes what the path leads to, a whole variable where it is one name.
    ///
    /// - Parameter path: The name of a variable, then keys and property names from the outside in.
    /// - Returns: Whether there was such a value.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar.
    @discardableResult
    public mutating func remove(at path: PHPKey...) throws(PHPSessionCodecError) -> Bool { try remove(at: path) }

    /// Removes what a path that was made elsewhere leads to, see `remove(at:)`.
    ///
    /// - Parameter path: The name of a variable, then keys and property names from the outside in.
    /// - Returns: Whether there was such a value.
    /// - Throws: ``PHPSessionCodecError/Code/notAContainer`` where the path leads through a scalar.
    @discardableResult
    public mutating func remove(at path: [PHPKey]) throws(PHPSessionCodecError) -> Bool {
        var existed = false
        try edit(path) { (edit) throws(PHPSessionCodecError) in existed = try edit.remove(at: path) }
        return existed
    }

    /// Removes all variables, as PHP's session_unset does.
    public mutating func removeAll() {
        value = PHPValue(PHPArray())
        source?.isChanged = true
        source?.provenance = nil
    }

    /// Makes one change, and notes which variables are no longer as they were read.
    private mutating func edit(
        _ path: [PHPKey],
        _ change: (inout ValueEdit) throws(PHPSessionCodecError) -> Void
    ) throws(PHPSessionCodecError) {
        let name = path.first
        let before = name.flatMap { member($0) }
        var edit = ValueEdit(taking: &value)
        defer {
            value = edit.finish(pinned: source?.provenance?.cellCounts ?? ValueGraph.CellCounts())
            if !edit.touched.isEmpty { source?.isChanged = true }
        }
        try change(&edit)
        for node in edit.touched { source?.markOwner(of: node) }
        guard let name, source?.provenance != nil else { return }
        let after = edit.member(name)
        switch (before, after) {
        case (let position?, nil): source?.variableOfMember.remove(at: position)
        case (nil, _?): source?.variableOfMember.append(-1)
        case (let position?, _?): source?.variableOfMember[position] = -1
        case (nil, nil): break
        }
    }

    /// The position of a variable among the members of the root.
    private func member(_ name: PHPKey) -> Int? {
        guard case .array(let index) = value.graph.resolved(value.node) else { return nil }
        return value.graph.arrays[index].members.position(matching: name)
    }
}

extension ValueEdit {
    /// The position of a member of the root, where that is an array.
    func member(_ name: PHPKey) -> Int? {
        guard case .array(let index) = rooted.graph.resolved(rooted[.root(0)]) else { return nil }
        return rooted.graph.arrays[index].members.position(matching: name)
    }
}

extension PHPSession.Source {
    /// Notes that the variable a cell was read with is no longer as it was.
    mutating func markOwner(of node: ValueGraph.Node) {
        guard let provenance, let variable = provenance.variable(owning: node) else { return }
        changedVariables.insert(variable)
    }
}

extension Provenance {
    /// The variable whose bytes hold a cell, nil for the root and for cells added later.
    func variable(owning node: ValueGraph.Node) -> Int? {
        switch node {
        case .null, .bool, .int, .float, .string:
            return nil
        case .array(let index):
            guard index < cellCounts.arrays else { return nil }
            return lastVariable { $0.firstArray <= index }
        case .object(let index):
            guard index < cellCounts.objects else { return nil }
            return lastVariable { $0.firstObject <= index }
        case .reference(let index):
            guard index < cellCounts.references else { return nil }
            return variable(owningSlot: referenceSlots[index])
        }
    }

    /// The variable whose value a slot belongs to, nil for the root.
    func variable(owningSlot slot: Int) -> Int? { lastVariable { $0.firstSlot <= slot } }

    /// The last variable for which the condition holds, which does for all before it.
    private func lastVariable(where holds: (Variable) -> Bool) -> Int? {
        var low = 0
        var high = variables.count
        while low < high {
            let middle = (low + high) / 2
            if holds(variables[middle]) { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}
