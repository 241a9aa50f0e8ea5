import PHPSessionCodec

/// What PHP knows of a session from its classes, and no data says.
///
/// An object's data are what its class wrote; its meaning for PHP is what the class makes of them. The codec keeps the
/// data. The captured meanings are those of a PHP that had the classes below (and had no `NoSuchClass`); with the same
/// knowledge every captured session means the same here.
enum ClassKnowledge {
    /// Classes whose objects write something other than their properties.
    static let selfWriting: [String: String] = [
        "Magic": "__serialize returns its property `data` and an array with keys of its own, which are not read back",
        "OldSerializable": "implements Serializable, its payload is its property `v` as JSON",
        "ArrayObject": "__serialize returns [flags, storage, properties, iterator class]",
        "SplObjectStorage": "__serialize returns [objects and data, properties]",
        "SplQueue": "__serialize returns [flags, elements, properties]",
    ]

    /// Those of them whose public properties cannot be told from what they wrote.
    static let hiding: Set<String> = ["OldSerializable", "ArrayObject"]

    /// Whether one of these classes occurs.
    static func occur(_ names: Set<String>, in tree: JSONTree) -> Bool {
        switch tree {
        case .object(let members):
            if case .string(let name)? = members["class"], names.contains(name) { return true }
            return members.values.contains { occur(names, in: $0) }
        case .array(let items):
            return items.contains { occur(names, in: $0) }
        default:
            return false
        }
    }

    /// The typed tree of data, as a PHP means it that has the classes.
    static func meaning(of tree: JSONTree, _ format: PHPSessionFormat) throws -> JSONTree {
        var numbers = ObjectNumbers()
        return numbers.numbered(try known(tree, format))
    }

    private static func known(_ tree: JSONTree, _ format: PHPSessionFormat) throws -> JSONTree {
        switch tree {
        case .array(let items):
            return .array(try items.map { try known($0, format) })
        case .object(let members):
            var members = try members.mapValues { try known($0, format) }
            if members["t"] == .string("object"), case .string(let name)? = members["class"] {
                try apply(name, format, to: &members)
            }
            return .object(members)
        default:
            return tree
        }
    }

    private static func apply(
        _ name: String,
        _ format: PHPSessionFormat,
        to members: inout [String: JSONTree]
    ) throws {
        let properties = members["p"]?.items ?? []
        switch name {
        case "Magic":
            members["p"] = .array(properties.filter { $0.items.first?["prop"] == .string("data") })
        case "OldSerializable":
            guard let payload = members.removeValue(forKey: "serialized"), case .string(let json)? = payload["utf8"]
            else { return }
            // The extension msgpack hands the payload back in another way than Serializable expects.
            let value = format == .msgpack ? .null : try PHPValue(plainJSON: json.utf8)
            members["p"] = .array([.array([property("v"), try JSONTree.parse(try value.typedJSON())])])
        case "ArrayObject":
            let storage = properties.dropFirst().first?.items.last?["e"]?.items ?? []
            members["p"] = .array(storage.map { .array([property(key($0.items.first)), $0.items.last ?? .null]) })
        case "SplObjectStorage", "SplQueue":
            members["p"] = .array([])
        case "NoSuchClass":
            members["incomplete"] = .bool(true)
        case "Suit":
            // The extension msgpack writes a case of an enumeration as an object with a name.
            members["t"] = .string("enum")
            members["case"] = properties.first?.items.last?["utf8"]
            members["p"] = nil
        default:
            break
        }
    }

    private static func property(_ name: String) -> JSONTree {
        .object(["prop": .string(name), "vis": .string("public")])
    }

    private static func key(_ key: JSONTree?) -> String {
        if case .string(let number)? = key?["i"] { return number }
        if case .string(let text)? = key?["utf8"] { return text }
        return ""
    }

    /// A typed tree without PHP references, which the extension msgpack does not write: their value at each place.
    static func withoutReferences(_ tree: JSONTree) -> JSONTree {
        var first: [JSONTree: JSONTree] = [:]
        return withoutReferences(tree, &first)
    }

    private static func withoutReferences(_ tree: JSONTree, _ first: inout [JSONTree: JSONTree]) -> JSONTree {
        switch tree {
        case .array(let items):
            return .array(items.map { withoutReferences($0, &first) })
        case .object(var members):
            if members["t"] == .string("ref"), let number = members["to"], let value = first[number] { return value }
            let number = members.removeValue(forKey: "ref_id")
            // In the order in which they stand: only lists hold more than one value.
            let plain = JSONTree.object(members.mapValues { withoutReferences($0, &first) })
            if let number { first[number] = plain }
            return plain
        default:
            return tree
        }
    }
}

/// Numbers the objects of a typed tree in the order in which they occur.
private struct ObjectNumbers {
    private var numbers: [JSONTree: JSONTree] = [:]

    mutating func numbered(_ tree: JSONTree) -> JSONTree {
        switch tree {
        case .array(let items):
            return .array(items.map { numbered($0) })
        case .object(var members):
            if let old = members["id"] {
                numbers[old] = .number(Double(numbers.count + 1))
                members["id"] = numbers[old]
            }
            if let old = members["same_as"] { members["same_as"] = numbers[old] ?? old }
            return .object(members.mapValues { numbered($0) })
        default:
            return tree
        }
    }
}
