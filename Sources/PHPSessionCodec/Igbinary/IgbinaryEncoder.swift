/// Writes what the igbinary extension writes with `igbinary.compact_strings` on, as it is by default.
struct IgbinaryEncoder {
    private let graph: ValueGraph
    private let limits: PHPSessionLimits
    private var budget: ValueBudget
    private var output: [UInt8] = [0, 0, 0, 2]
    private var strings: [PHPString: Int] = [:]
    private var numbers = Numbers()
    private var frames: [Frame] = []

    /// The numbers of arrays, objects and references, given out in one row.
    private struct Numbers {
        var arrays: [Int: Int] = [:]
        var objects: [Int: Int] = [:]
        var references: [Int: Int] = [:]
        /// Numbers that a reference goes by; behind the mark of a reference they mean that one.
        var takenByReferences: Set<Int> = []
        private var next = 0

        /// Takes the next number.
        mutating func take() -> Int {
            next += 1
            return next - 1
        }
    }

    private struct Frame {
        let entries: [KeyedNodes.Entry]
        let gaps: [Int]
        var position = 0
        var gap = 0
    }

    init(_ graph: ValueGraph, limits: PHPSessionLimits) {
        self.graph = graph
        self.limits = limits
        budget = ValueBudget(limits)
    }

    /// The header and one value.
    mutating func encode(_ root: ValueGraph.Node) throws(PHPSessionCodecError) -> [UInt8] {
        try write(root)
        while let frame = frames.last {
            let last = frames.count - 1
            if frame.gap < frame.gaps.count, frame.gaps[frame.gap] <= frame.position {
                frames[last].gap += 1
                try append([IgbinaryType.null])
                continue
            }
            guard frame.position < frame.entries.count else {
                frames.removeLast()
                continue
            }
            frames[last].position += 1
            let entry = frame.entries[frame.position]
            switch entry.key {
            case .int(let number): try writeInteger(number)
            case .string(let name): try writeString(name)
            }
            try write(entry.node)
        }
        return output
    }

    private mutating func append(_ bytes: some Sequence<UInt8>) throws(PHPSessionCodecError) {
        output.append(contentsOf: bytes)
        guard output.count <= limits.maximumBytes else {
            throw PHPSessionCodecError(.tooLarge, "the output is longer than maximumBytes")
        }
    }

    private mutating func write(_ node: ValueGraph.Node) throws(PHPSessionCodecError) {
        try budget.spend()
        switch node {
        case .null: try append([IgbinaryType.null])
        case .bool(let value): try append([value ? IgbinaryType.true : IgbinaryType.false])
        case .int(let value): try writeInteger(value)
        case .float(let value): try append([IgbinaryType.double] + bigEndian(value.value.bitPattern, 8))
        case .string(let value): try writeString(value)
        case .array(let index):
            if let number = numbers.arrays[index] { return try writeSized(IgbinaryType.arrayReference, number) }
            numbers.arrays[index] = numbers.take()
            try open(graph.arrays[index].members)
        case .object(let index): try writeObject(index)
        case .reference(let index): try writeReference(index)
        }
    }

    private mutating func writeReference(_ index: Int) throws(PHPSessionCodecError) {
        try append([IgbinaryType.reference])
        let target = graph.references[index]
        if case .object(let object) = target { return try writeObject(object) }
        if let number = numbers.references[index] { return try writeSized(IgbinaryType.arrayReference, number) }
        guard case .array(let array) = target else {
            numbers.references[index] = numbers.take()
            return try write(target)
        }
        if let number = numbers.arrays[array], numbers.takenByReferences.insert(number).inserted {
            // The array was written as a value; its number behind the mark makes a reference to it.
            numbers.references[index] = number
            return try writeSized(IgbinaryType.arrayReference, number)
        }
        let number = numbers.take()
        numbers.references[index] = number
        numbers.takenByReferences.insert(number)
        if numbers.arrays[array] == nil { numbers.arrays[array] = number }
        try open(graph.arrays[array].members)
    }

    private mutating func writeObject(_ index: Int) throws(PHPSessionCodecError) {
        if let number = numbers.objects[index] { return try writeSized(IgbinaryType.objectReference, number) }
        numbers.objects[index] = numbers.take()
        let cell = graph.objects[index]
        guard !cell.className.isNeverUnserialized else {
            throw PHPSessionCodecError(.notRepresentable, "PHP does not accept the name of a class")
        }
        if let number = strings[cell.className] {
            try writeSized(IgbinaryType.objectIdentifier, number)
        } else {
            strings[cell.className] = strings.count
            try writeSized(IgbinaryType.object, cell.className.bytes.count)
            try append(cell.className.bytes)
        }
        switch cell.form {
        case .properties, .serialized:
            try open(cell.members, gaps: cell.gaps)
        case .serializable(let payload):
            try writeSized(IgbinaryType.serializable, payload.bytes.count)
            try append(payload.bytes)
        case .enumCase(let name):
            try append([IgbinaryType.enumCase])
            try writeString(name)
        }
    }

    private mutating func open(_ members: KeyedNodes, gaps: [Int] = []) throws(PHPSessionCodecError) {
        try writeSized(IgbinaryType.array, members.count + gaps.count)
        guard frames.count <= limits.maximumDepth else {
            throw PHPSessionCodecError(.tooDeep, "containers nested deeper than maximumDepth")
        }
        if members.count + gaps.count > 0 { frames.append(Frame(entries: members.entries, gaps: gaps)) }
    }

    private mutating func writeString(_ string: PHPString) throws(PHPSessionCodecError) {
        if string.bytes.isEmpty { return try append([IgbinaryType.emptyString]) }
        if let number = strings[string] { return try writeSized(IgbinaryType.stringIdentifier, number) }
        strings[string] = strings.count
        try writeSized(IgbinaryType.string, string.bytes.count)
        try append(string.bytes)
    }

    private mutating func writeInteger(_ value: Int) throws(PHPSessionCodecError) {
        let magnitude = UInt64(value.magnitude)
        let sign: UInt8 = value < 0 ? 1 : 0
        switch magnitude {
        case 0...0xff: try append([IgbinaryType.integer + sign] + bigEndian(magnitude, 1))
        case 0...0xffff: try append([IgbinaryType.integer + 2 + sign] + bigEndian(magnitude, 2))
        case 0...0xffff_ffff: try append([IgbinaryType.integer + 4 + sign] + bigEndian(magnitude, 4))
        default: try append([IgbinaryType.longInteger + sign] + bigEndian(magnitude, 8))
        }
    }

    /// A type of a family of three widths, and its number in the smallest width that holds it.
    private mutating func writeSized(_ family: UInt8, _ number: Int) throws(PHPSessionCodecError) {
        switch number {
        case 0...0xff: try append([family] + bigEndian(UInt64(number), 1))
        case 0...0xffff: try append([family + 1] + bigEndian(UInt64(number), 2))
        case 0...0xffff_ffff: try append([family + 2] + bigEndian(UInt64(number), 4))
        default: throw PHPSessionCodecError(.tooLarge, "a string or container of 4 GiB or more")
        }
    }

    private func bigEndian(_ value: UInt64, _ size: Int) -> [UInt8] {
        (0..<size).reversed().map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
}
