extension PHPValue {
    /// The value as a typed tree in one line of JSON, which says everything that PHP's serialized data says.
    ///
    /// `{"t":"null"}`, `{"t":"bool","v":true}`, `{"t":"int","v":"12"}`, `{"t":"float","v":"1.5","bits":"3ff8…"}`,
    /// `{"t":"str","b64":"…","utf8":"…"}` (the text where there is one), `{"t":"array","e":[[key, value], …]}` with
    /// keys `{"i":"5"}` or strings, `{"t":"object","id":1,"class":"…","p":[[{"prop":"…","vis":"public"}, value], …]}`,
    /// `{"t":"enum","id":1,"class":"…","case":"…"}`. An object seen before is `{"t":"object","same_as":1}`; a PHP
    /// reference has a `ref_id` at its first place and is `{"t":"ref","to":1}` at the others. An object with a
    /// Serializable payload has `"serialized":{"t":"str",…}` in place of `p`; an integer key, which `__serialize` has
    /// returned, is `{"i":"5"}` in `p` too. Names that are not UTF-8 come with their bytes, as `class_b64`, `case_b64` or
    /// `prop_b64`.
    ///
    /// Only the format msgpack says of string keys whether `__serialize` has returned them; the tree does not.
    ///
    /// - Parameter limits: The budget of values and bytes. Arrays that igbinary shares are written out at each place.
    /// - Returns: The JSON text without a line break.
    /// - Throws: ``PHPSessionCodecError/Code/tooManyValues`` or ``PHPSessionCodecError/Code/tooLarge``, and
    ///   ``PHPSessionCodecError/Code/cycle`` for an array that igbinary shared with itself.
    public func typedJSON(limits: PHPSessionLimits = .standard) throws(PHPSessionCodecError) -> String {
        var writer = TypedJSONWriter(self, limits)
        try writer.write(node)
        // A cycle may be marked at more references than the one it is cut at: what is never named again is a plain value.
        let plain = writer.referencesNeverNamed
        if !plain.isEmpty {
            writer = TypedJSONWriter(self, limits, plain: plain)
            try writer.write(node)
        }
        return String(decoding: writer.text.bytes, as: UTF8.self)
    }
}

/// Writes the typed tree from a list of open containers, never by recursion.
private struct TypedJSONWriter {
    private let graph: ValueGraph
    private var referenceCounts: [Int]
    private(set) var text: JSONText
    private var budget: ValueBudget
    private var objects: [Int: Int] = [:]
    /// Of each reference that has its first place, the number there, and which of them have another place.
    private var references: [Int: Int] = [:]
    private var named: Set<Int> = []
    private var frames: [Frame] = []

    private var openArrays = OpenArrays()

    private struct Frame {
        let entries: [KeyedNodes.Entry]
        let way: OpenArrays.Way
        let keys: KeyForm
        var position = 0
    }

    /// What a key stands for: an element, or a property, which an integer names in some classes only.
    private enum KeyForm {
        case elements
        case properties(byInteger: Bool)
    }

    init(_ value: PHPValue, _ limits: PHPSessionLimits, plain: [Int] = []) {
        graph = value.graph
        referenceCounts = value.graph.referenceCounts(from: value.node)
        for index in plain { referenceCounts[index] = 1 }
        text = JSONText(limits)
        budget = ValueBudget(limits)
    }

    /// The references with a first place and no other.
    var referencesNeverNamed: [Int] { references.keys.filter { !named.contains($0) } }

    mutating func write(_ root: ValueGraph.Node) throws(PHPSessionCodecError) {
        try writeNode(root)
        while let frame = frames.last {
            if frame.position > 0 { try text.append("]") }
            guard frame.position < frame.entries.count else {
                try text.append("]}")
                openArrays.close(frames.removeLast().way)
                continue
            }
            frames[frames.count - 1].position += 1
            let entry = frame.entries[frame.position]
            try text.append(frame.position > 0 ? ",[" : "[")
            try writeKey(entry.key, frame.keys)
            try text.append(",")
            try writeNode(entry.node)
        }
    }

    private mutating func writeNode(_ node: ValueGraph.Node) throws(PHPSessionCodecError) {
        try budget.spend()
        guard case .reference(let index) = node else { return try writeContent(node) }
        if referenceCounts[index] < 2 { return try writeContent(graph.references[index]) }
        if let number = references[index] {
            named.insert(index)
            return try text.append("{\"t\":\"ref\",\"to\":\(number)}")
        }
        references[index] = references.count + 1
        try writeContent(graph.references[index], "\"ref_id\":\(references.count),")
    }

    private mutating func writeContent(
        _ node: ValueGraph.Node,
        _ mark: String = ""
    ) throws(PHPSessionCodecError) {
        switch node {
        case .null, .reference: try text.append("{\(mark)\"t\":\"null\"}")
        case .bool(let value): try text.append("{\(mark)\"t\":\"bool\",\"v\":\(value)}")
        case .int(let value): try text.append("{\(mark)\"t\":\"int\",\"v\":\"\(value)\"}")
        case .float(let value):
            let digits = String(value.value.bitPattern, radix: 16)
            let bits = String(repeating: "0", count: 16 - digits.utf8.count) + digits
            try text.append("{\(mark)\"t\":\"float\",\"v\":\"\(value.textWithFraction)\",\"bits\":\"\(bits)\"}")
        case .string(let value): try writeString(value, mark)
        case .array(let index):
            try text.append("{\(mark)\"t\":\"array\",\"e\":[")
            let array = graph.arrays[index].isShared ? index : nil
            let way = try openArrays.open(array, isBarrier: !mark.isEmpty, around: frames.last?.way)
            frames.append(Frame(entries: graph.arrays[index].members.entries, way: way, keys: .elements))
        case .object(let index): try writeObject(index, mark)
        }
    }

    private mutating func writeString(_ string: PHPString, _ mark: String = "") throws(PHPSessionCodecError) {
        try text.append("{\(mark)\"t\":\"str\",\"b64\":\"")
        try text.append(Base64.encode(string.bytes))
        try text.append("\"")
        if string.text != nil {
            try text.append(",\"utf8\":")
            _ = try text.appendString(string)
        }
        try text.append("}")
    }

    private mutating func writeObject(_ index: Int, _ mark: String) throws(PHPSessionCodecError) {
        if let number = objects[index] {
            return try text.append("{\(mark)\"t\":\"object\",\"same_as\":\(number)}")
        }
        objects[index] = objects.count + 1
        let cell = graph.objects[index]
        switch cell.form {
        case .properties, .serialized:
            try text.append("{\(mark)\"t\":\"object\",\"id\":\(objects.count)")
            try writeName("class", cell.className)
            try text.append(",\"p\":[")
            let way = try openArrays.open(nil, isBarrier: true, around: frames.last?.way)
            let keys = KeyForm.properties(byInteger: cell.hasIndexedProperties)
            frames.append(Frame(entries: cell.members.entries, way: way, keys: keys))
        case .serializable(let payload):
            try text.append("{\(mark)\"t\":\"object\",\"id\":\(objects.count)")
            try writeName("class", cell.className)
            try text.append(",\"serialized\":")
            try writeString(payload)
            try text.append("}")
        case .enumCase(let name):
            try text.append("{\(mark)\"t\":\"enum\",\"id\":\(objects.count)")
            try writeName("class", cell.className)
            try writeName("case", name)
            try text.append("}")
        }
    }

    private mutating func writeKey(_ key: PHPKey, _ form: KeyForm) throws(PHPSessionCodecError) {
        switch (key, form) {
        case (.int(let number), .elements), (.int(let number), .properties(byInteger: false)):
            try text.append("{\"i\":\"\(number)\"}")
        case (.string(let name), .elements): try writeString(name)
        case (_, .properties): try writeProperty(key)
        }
    }

    private mutating func writeProperty(_ key: PHPKey) throws(PHPSessionCodecError) {
        try text.append("{")
        switch PropertyName(key) {
        case .public(let name):
            try writeName("prop", name, isFirst: true)
            try text.append(",\"vis\":\"public\"")
        case .protected(let name):
            try writeName("prop", name, isFirst: true)
            try text.append(",\"vis\":\"protected\"")
        case .private(let name, let scope):
            try writeName("prop", name, isFirst: true)
            try text.append(",\"vis\":\"private\"")
            try writeName("class", scope)
        }
        try text.append("}")
    }

    /// A member whose value is a name, with its bytes where it is not UTF-8.
    private mutating func writeName(
        _ member: String,
        _ name: PHPString,
        isFirst: Bool = false
    ) throws(PHPSessionCodecError) {
        try text.append("\(isFirst ? "" : ",")\"\(member)\":")
        if try text.appendString(name) { return }
        _ = try text.appendString(PHPString(String(decoding: name.bytes, as: UTF8.self)))
        try text.append(",\"\(member)_b64\":\"")
        try text.append(Base64.encode(name.bytes))
        try text.append("\"")
    }
}
