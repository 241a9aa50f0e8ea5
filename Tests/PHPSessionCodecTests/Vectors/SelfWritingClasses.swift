/// Classes in the captured sessions whose objects write something other than their properties.
///
/// PHP's meaning of such an object is what the class makes of the data, which no data says. The codec keeps the data;
/// rows that hold one of these classes are compared with the properties of its objects left out.
enum SelfWritingClasses {
    static let reasons: [String: String] = [
        "Magic": "__serialize returns an array with keys of its own",
        "OldSerializable": "implements Serializable, its payload is JSON",
        "ArrayObject": "__serialize returns [flags, storage, properties, iterator class]",
        "ArrayIterator": "__serialize returns [flags, storage, properties]",
        "SplObjectStorage": "__serialize returns [objects and data, properties]",
        "SplQueue": "__serialize returns [flags, elements, properties]",
        "SplStack": "__serialize returns [flags, elements, properties]",
        "SplDoublyLinkedList": "__serialize returns [flags, elements, properties]",
    ]

    /// A typed tree without what PHP knows from its classes alone.
    ///
    /// `incomplete` says that PHP has no such class. Objects of the classes above keep their class only, and since
    /// those hold other objects here than they do for PHP, the identities of objects go where one of them occurs.
    static func neutral(_ tree: JSONTree, dropsIdentities: Bool) -> JSONTree {
        switch tree {
        case .object(var members):
            members["incomplete"] = nil
            if case .string(let name)? = members["class"], reasons[name] != nil, members["t"] == .string("object") {
                return .object(["t": .string("object"), "class": .string(name)])
            }
            if dropsIdentities {
                members["id"] = nil
                members["same_as"] = nil
            }
            return .object(members.mapValues { neutral($0, dropsIdentities: dropsIdentities) })
        case .array(let items):
            return .array(items.map { neutral($0, dropsIdentities: dropsIdentities) })
        default:
            return tree
        }
    }

    static func occur(in tree: JSONTree) -> Bool {
        switch tree {
        case .object(let members):
            if case .string(let name)? = members["class"], reasons[name] != nil { return true }
            return members.values.contains { occur(in: $0) }
        case .array(let items):
            return items.contains { occur(in: $0) }
        default:
            return false
        }
    }
}
