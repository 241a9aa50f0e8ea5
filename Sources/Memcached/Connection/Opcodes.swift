import MemcachedWire

/// The opcodes of requests behind one another.
///
/// Those of a batch are all the same, which takes no array.
enum Opcodes: Hashable, Sendable {
    case same(Opcode, count: Int)
    case each([Opcode])

    init(_ opcodes: [Opcode]) {
        if let first = opcodes.first, opcodes.allSatisfy({ $0 == first }) {
            self = .same(first, count: opcodes.count)
        } else {
            self = .each(opcodes)
        }
    }

    var count: Int {
        switch self {
        case .same(_, let count): count
        case .each(let opcodes): opcodes.count
        }
    }

    /// The opcode of a position; nil where there is none.
    subscript(position: Int) -> Opcode? {
        switch self {
        case .same(let opcode, let count): position >= 0 && position < count ? opcode : nil
        case .each(let opcodes): opcodes.indices.contains(position) ? opcodes[position] : nil
        }
    }
}

extension Opcodes: ExpressibleByArrayLiteral {
    init(arrayLiteral opcodes: Opcode...) { self.init(opcodes) }
}
