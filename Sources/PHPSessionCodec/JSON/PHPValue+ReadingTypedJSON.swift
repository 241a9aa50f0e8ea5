extension PHPValue {
    /// What a typed tree may contain.
    public enum TypedJSONContent: Sendable, Hashable {
        /// Objects and enumerations are errors.
        case arraysAndScalars
        /// Objects of any class are made, see ``PHPValue/unsafeObject(_:properties:)``: for trees of trusted origin only.
        case unsafeObjects
    }

    /// Reads a typed tree, as ``typedJSON(limits:)`` writes it.
    ///
    /// A float takes its `bits`; where `v` is another text for the same float, that text is kept.
    ///
    /// - Parameters:
    ///   - typedJSON: The JSON text in UTF-8.
    ///   - content: Whether objects are made.
    ///   - limits: How large and deep it may be.
    /// - Throws: ``PHPSessionCodecError``: for text that is no JSON with its offset, for JSON that is no such tree
    ///   without one.
    public init(
        typedJSON: some Sequence<UInt8>,
        content: TypedJSONContent = .arraysAndScalars,
        limits: PHPSessionLimits = .standard
    ) throws(PHPSessionCodecError) {
        // A level of the tree is three levels of JSON; an object and an array each are several values of it.
        var jsonLimits = limits
        jsonLimits.maximumDepth = limits.maximumDepth.multipliedClamping(by: 3).addingClamping(8)
        jsonLimits.maximumValues = limits.maximumValues.multipliedClamping(by: 12).addingClamping(16)
        var reader = try JSONReader(Array(typedJSON), limits: jsonLimits)
        let json = try reader.read()
        var builder = TypedTreeBuilder(json.graph, content, limits)
        self = try builder.build(json.node)
    }
}

extension Int {
    fileprivate func multipliedClamping(by factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }

    fileprivate func addingClamping(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

/// Makes values of a typed tree that was read as plain JSON, from a list of what is still to do, never by recursion.
private struct TypedTreeBuilder {
    private let json: ValueGraph
    private let content: PHPValue.TypedJSONContent
    private let maximumDepth: Int
    private var budget: ValueBudget
    private var rooted = RootedGraph(roots: [.null])
    private var objects: [Int: Int] = [:]
    private var references: [Int: Int] = [:]
    private var pending: [Task] = []

    private struct Task {
        let source: ValueGraph.Node
        let location: Location
        let depth: Int
    }

    init(_ json: ValueGraph, _ content: PHPValue.TypedJSONContent, _ limits: PHPSessionLimits) {
        self.json = json
        self.content = content
        maximumDepth = limits.maximumDepth
        budget = ValueBudget(limits)
    }

    private func failure(_ reason: String) -> PHPSessionCodecError { PHPSessionCodecError(.malformed, reason) }

    mutating func build(_ root: ValueGraph.Node) throws(PHPSessionCodecError) -> PHPValue {
        pending = [Task(source: root, location: .root(0), depth: 0)]
        // The last is the next in the text, since identities have to be known before they are named again.
        while let task = pending.popLast() { try build(task) }
        return PHPValue(rooted.graph, rooted[.root(0)])
    }

    private mutating func build(_ task: Task) throws(PHPSessionCodecError) {
        try budget.spend()
        guard let type = member("t", of: task.source).flatMap(text) else { throw failure("a node has no type") }
        var location = task.location
        if let number = member("ref_id", of: task.source).flatMap(integer) {
            guard references[number] == nil, type != "ref" else { throw failure("a ref_id in the wrong place") }
            let reference = rooted.graph.addReference(to: .null)
            references[number] = reference
            rooted[location] = .reference(reference)
            rooted.roots.append(.null)
            location = .root(rooted.roots.count - 1)
        }
        try build(type, task, at: location)
        if case .reference(let reference) = rooted[task.location], location != task.location {
            rooted.graph.references[reference] = rooted[location]
            rooted.roots.removeLast()
        }
    }

    private mutating func build(
        _ type: PHPString,
        _ task: Task,
        at location: Location
    ) throws(PHPSessionCodecError) {
        switch type {
        case "null": rooted[location] = .null
        case "bool":
            guard case .bool(let value)? = member("v", of: task.source) else { throw failure("a bool has no value") }
            rooted[location] = .bool(value)
        case "int":
            guard let value = member("v", of: task.source).flatMap(text)?.canonicalInteger else {
                throw failure("an int has no value")
            }
            rooted[location] = .int(value)
        case "float": rooted[location] = .float(try float(task.source))
        case "str": rooted[location] = .string(try string(task.source))
        case "array": try buildArray(task, at: location)
        case "object": try buildObject(task, at: location)
        case "enum":
            let name = try name("case", of: task.source)
            rooted[location] = .object(try addObject(task.source, .enumCase(name)))
        case "ref":
            guard let number = member("to", of: task.source).flatMap(integer), let reference = references[number] else {
                throw failure("a reference to nothing")
            }
            rooted[location] = .reference(reference)
        default: throw failure("unknown type of node")
        }
    }

    private mutating func buildArray(_ task: Task, at location: Location) throws(PHPSessionCodecError) {
        let index = rooted.graph.addArray()
        rooted[location] = .array(index)
        try buildMembers("e", of: task, into: .array(index)) { (builder, key) throws(PHPSessionCodecError) in
            if let number = builder.integerKey(key) { return .int(number) }
            return .string(try builder.string(key))
        }
    }

    private mutating func buildObject(_ task: Task, at location: Location) throws(PHPSessionCodecError) {
        if let number = member("same_as", of: task.source).flatMap(integer) {
            guard let object = objects[number] else { throw failure("same_as names no object") }
            rooted[location] = .object(object)
            return
        }
        if let payload = member("serialized", of: task.source) {
            let form = ValueGraph.ObjectForm.serializable(try string(payload))
            rooted[location] = .object(try addObject(task.source, form))
            return
        }
        let index = try addObject(task.source, .properties)
        rooted[location] = .object(index)
        let cell = rooted.graph.objects[index]
        let hasIndexes = cell.hasIndexedProperties && !cell.isStandardClass
        try buildMembers("p", of: task, into: .object(index)) { (builder, key) throws(PHPSessionCodecError) in
            if let number = builder.integerKey(key) { return .int(number) }
            return try builder.property(key, hasIndexes: hasIndexes)
        }
    }

    private func property(_ key: ValueGraph.Node, hasIndexes: Bool) throws(PHPSessionCodecError) -> PHPKey {
        let name = try name("prop", of: key)
        switch member("vis", of: key).flatMap(text) {
        case "public": return hasIndexes ? PHPKey.string(name).normalized : .string(name)
        case "protected": return .string(.mangled(name, scope: "*"))
        case "private": return .string(.mangled(name, scope: try self.name("class", of: key)))
        default: throw failure("a property has no visibility")
        }
    }

    private mutating func addObject(
        _ source: ValueGraph.Node,
        _ form: ValueGraph.ObjectForm
    ) throws(PHPSessionCodecError) -> Int {
        guard content == .unsafeObjects else {
            throw PHPSessionCodecError(.notRepresentable, "objects are made from trusted trees only")
        }
        let className = try name("class", of: source)
        guard form.accepts(className) else { throw failure("PHP does not accept the name of a class") }
        let index = rooted.graph.addObject(className, form)
        if let number = member("id", of: source).flatMap(integer) { objects[number] = index }
        return index
    }

    /// Places the members of a container in order and puts their values on the list.
    private mutating func buildMembers(
        _ name: PHPString,
        of task: Task,
        into container: Container,
        key: (TypedTreeBuilder, ValueGraph.Node) throws(PHPSessionCodecError) -> PHPKey
    ) throws(PHPSessionCodecError) {
        guard case .array(let list)? = member(name, of: task.source) else { throw failure("a container has no list") }
        guard task.depth <= maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, "containers nested deeper than maximumDepth")
        }
        var tasks: [Task] = []
        for entry in json.arrays[list].members.entries {
            guard case .array(let pair) = entry.node, json.arrays[pair].members.count == 2 else {
                throw failure("a member is not a pair")
            }
            let location = rooted.place(try key(self, json.arrays[pair].members[0]), in: container)
            tasks.append(Task(source: json.arrays[pair].members[1], location: location, depth: task.depth + 1))
        }
        pending.append(contentsOf: tasks.reversed())
    }

    // MARK: - Parts of a node

    private func member(_ name: PHPString, of node: ValueGraph.Node) -> ValueGraph.Node? {
        guard case .array(let index) = node else { return nil }
        let members = json.arrays[index].members
        return members.position(of: .string(name)).map { members[$0] }
    }

    private func text(_ node: ValueGraph.Node) -> PHPString? {
        if case .string(let value) = node { value } else { nil }
    }

    private func integer(_ node: ValueGraph.Node) -> Int? {
        if case .int(let value) = node { value } else { nil }
    }

    private func integerKey(_ key: ValueGraph.Node) -> Int? {
        member("i", of: key).flatMap(text)?.canonicalInteger
    }

    /// A name, by its bytes where it is not UTF-8.
    private func name(_ name: PHPString, of node: ValueGraph.Node) throws(PHPSessionCodecError) -> PHPString {
        if let encoded = member(PHPString(bytes: name.bytes + Array("_b64".utf8)), of: node).flatMap(text) {
            guard let bytes = Base64.decode(encoded.bytes) else { throw failure("a name is not Base64") }
            return PHPString(bytes: bytes)
        }
        guard let text = member(name, of: node).flatMap(text) else { throw failure("a node has no name") }
        return text
    }

    private func string(_ node: ValueGraph.Node) throws(PHPSessionCodecError) -> PHPString {
        if let encoded = member("b64", of: node).flatMap(text) {
            guard let bytes = Base64.decode(encoded.bytes) else { throw failure("a string is not Base64") }
            return PHPString(bytes: bytes)
        }
        guard let text = member("utf8", of: node).flatMap(text) else { throw failure("a string has no bytes") }
        return text
    }

    private func float(_ node: ValueGraph.Node) throws(PHPSessionCodecError) -> PHPFloat {
        guard let digits = member("bits", of: node).flatMap(text)?.text, digits.utf8.count == 16,
            let bits = UInt64(digits, radix: 16)
        else { throw failure("a float has no bits") }
        let value = Double(bitPattern: bits)
        guard var text = member("v", of: node).flatMap(text)?.bytes.map({ $0 == 0x65 ? 0x45 : $0 }),
            Double(String(decoding: text, as: UTF8.self))?.bitPattern == bits, value.isFinite
        else { return PHPFloat(value) }
        if text.suffix(2) == Array(".0".utf8) { text.removeLast(2) }
        return PHPFloat(value, writtenAs: text)
    }
}
