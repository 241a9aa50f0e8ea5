/// What a request asks of a server, without its quiet form.
///
/// The server has a table of its own, so that a mistake in the client's does not cancel itself out in tests. It is
/// proven against a real memcached. Source of the layouts: memcached's `proto_bin.c`, version 1.6.18.
enum ServerCommand: Hashable, Sendable {
    case get
    case getKey
    case set
    case add
    case replace
    case delete
    case increment
    case decrement
    case quit
    case flush
    case noop
    case version
    case append
    case prepend
    case stat
    case touch
    case getAndTouch
    case getAndTouchKey
    case listMechanisms
    case authenticate
    case step

    /// The opcodes: the command and whether it is the quiet form.
    static let table: [UInt8: (command: ServerCommand, isQuiet: Bool)] = [
        0x00: (.get, false), 0x09: (.get, true), 0x0c: (.getKey, false), 0x0d: (.getKey, true),
        0x01: (.set, false), 0x11: (.set, true), 0x02: (.add, false), 0x12: (.add, true),
        0x03: (.replace, false), 0x13: (.replace, true), 0x04: (.delete, false), 0x14: (.delete, true),
        0x05: (.increment, false), 0x15: (.increment, true), 0x06: (.decrement, false), 0x16: (.decrement, true),
        0x07: (.quit, false), 0x17: (.quit, true), 0x08: (.flush, false), 0x18: (.flush, true),
        0x0a: (.noop, false), 0x0b: (.version, false), 0x0e: (.append, false), 0x19: (.append, true),
        0x0f: (.prepend, false), 0x1a: (.prepend, true), 0x10: (.stat, false), 0x1c: (.touch, false),
        0x1d: (.getAndTouch, false), 0x1e: (.getAndTouch, true), 0x23: (.getAndTouchKey, false),
        0x24: (.getAndTouchKey, true), 0x20: (.listMechanisms, false), 0x21: (.authenticate, false),
        0x22: (.step, false),
    ]

    /// Whether the command takes extras, key and value of these lengths.
    func accepts(extras: Int, key: Int, value: Int) -> Bool {
        switch self {
        case .set, .add, .replace: extras == 8 && key > 0
        case .append, .prepend: extras == 0 && key > 0
        case .get, .getKey, .delete: extras == 0 && key > 0 && value == 0
        case .increment, .decrement: extras == 20 && key > 0 && value == 0
        // A value is neither refused nor read here; it is taken for the next request.
        case .touch, .getAndTouch, .getAndTouchKey: extras == 4 && key > 0
        case .stat: extras == 0
        case .flush: (extras == 0 || extras == 4) && key == 0 && value == 0
        case .noop, .version, .quit, .listMechanisms: extras == 0 && key == 0 && value == 0
        case .authenticate, .step: extras == 0 && key > 0
        }
    }

    /// Whether the value belongs to the request; of the other commands it is taken for the next request.
    var readsValue: Bool {
        switch self {
        case .touch, .getAndTouch, .getAndTouchKey, .stat: false
        default: true
        }
    }

    /// Whether it may be used before authentication.
    var isOpenToAll: Bool {
        switch self {
        case .version, .listMechanisms, .authenticate, .step: true
        default: false
        }
    }

    /// Whether it brings a value that is stored.
    var stores: Bool {
        switch self {
        case .set, .add, .replace, .append, .prepend: true
        default: false
        }
    }
}

/// The words with which a server says no; the texts are those of memcached 1.6.18.
enum ServerRefusal: UInt16, Error, Hashable, Sendable {
    case notFound = 0x01
    case exists = 0x02
    case tooLarge = 0x03
    case invalidArguments = 0x04
    case notStored = 0x05
    case nonNumeric = 0x06
    case authentication = 0x20
    case unknownCommand = 0x81
    case outOfMemory = 0x82

    /// What stands in the body.
    var text: String {
        switch self {
        case .notFound: "Not found"
        case .exists: "Data exists for key."
        case .tooLarge: "Too large."
        case .invalidArguments: "Invalid arguments"
        case .notStored: "Not stored."
        case .nonNumeric: "Non-numeric server-side value for incr or decr"
        case .authentication: "Auth failure."
        case .unknownCommand: "Unknown command"
        case .outOfMemory: "Out of memory allocating item"
        }
    }
}
