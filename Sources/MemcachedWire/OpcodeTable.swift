/// What the extras of a request carry, and so how long they are.
package enum ExtrasLayout: Hashable, Sendable {
    /// No extras.
    case none
    /// Expiration, 4 bytes: TOUCH and the get-and-touch family.
    case expiration
    /// Nothing, or a delay of 4 bytes: FLUSH.
    case optionalDelay
    /// Flags and expiration, 4 bytes each: SET, ADD, REPLACE.
    case flagsAndExpiration
    /// Delta and initial value of 8 bytes each, then expiration of 4: INCREMENT, DECREMENT.
    case counter

    /// The lengths in bytes that a server accepts.
    package var byteCounts: [Int] {
        switch self {
        case .none: [0]
        case .expiration: [4]
        case .optionalDelay: [0, 4]
        case .flagsAndExpiration: [8]
        case .counter: [20]
        }
    }
}

/// Whether a request carries a key or a value.
package enum PartPresence: Hashable, Sendable {
    case none
    case optional
    case required

    /// Whether a part of `byteCount` bytes may stand here.
    package func allows(_ byteCount: Int) -> Bool {
        switch self {
        case .none: byteCount == 0
        case .optional: true
        case .required: byteCount > 0
        }
    }
}

/// One row of the protocol's command table.
package struct OpcodeEntry: Hashable, Sendable {
    package let opcode: Opcode
    package let name: String
    package let extras: ExtrasLayout
    package let key: PartPresence
    package let value: PartPresence
    /// The form that stays silent where the other answers, if there is one.
    package let quietTwin: Opcode?
    /// Whether this is a quiet form.
    package let isQuiet: Bool
    /// Whether memcached 1.6 answers it with anything but "Unknown command".
    package let isKnownToServer: Bool
}

/// The command table: every opcode with its quiet twin and its layout.
package enum OpcodeTable {
    /// The rows in the order of their opcodes.
    package static let entries: [OpcodeEntry] = {
        var rows: [OpcodeEntry] = []
        func row(
            _ opcode: Opcode,
            _ name: String,
            _ extras: ExtrasLayout,
            key: PartPresence,
            value: PartPresence,
            quiet: Opcode? = nil,
            known: Bool = true
        ) {
            rows.append(
                OpcodeEntry(
                    opcode: opcode,
                    name: name,
                    extras: extras,
                    key: key,
                    value: value,
                    quietTwin: quiet,
                    isQuiet: false,
                    isKnownToServer: known
                )
            )
            guard let quiet else { return }
            rows.append(
                OpcodeEntry(
                    opcode: quiet,
                    name: name + "Q",
                    extras: extras,
                    key: key,
                    value: value,
                    quietTwin: nil,
                    isQuiet: true,
                    isKnownToServer: known
                )
            )
        }
        row(.get, "GET", .none, key: .required, value: .none, quiet: .getQuiet)
        row(.getKey, "GETK", .none, key: .required, value: .none, quiet: .getKeyQuiet)
        row(.set, "SET", .flagsAndExpiration, key: .required, value: .optional, quiet: .setQuiet)
        row(.add, "ADD", .flagsAndExpiration, key: .required, value: .optional, quiet: .addQuiet)
        row(.replace, "REPLACE", .flagsAndExpiration, key: .required, value: .optional, quiet: .replaceQuiet)
        row(.delete, "DELETE", .none, key: .required, value: .none, quiet: .deleteQuiet)
        row(.increment, "INCREMENT", .counter, key: .required, value: .none, quiet: .incrementQuiet)
        row(.decrement, "DECREMENT", .counter, key: .required, value: .none, quiet: .decrementQuiet)
        row(.quit, "QUIT", .none, key: .none, value: .none, quiet: .quitQuiet)
        row(.flush, "FLUSH", .optionalDelay, key: .none, value: .none, quiet: .flushQuiet)
        row(.noop, "NOOP", .none, key: .none, value: .none)
        row(.version, "VERSION", .none, key: .none, value: .none)
        row(.append, "APPEND", .none, key: .required, value: .optional, quiet: .appendQuiet)
        row(.prepend, "PREPEND", .none, key: .required, value: .optional, quiet: .prependQuiet)
        row(.stat, "STAT", .none, key: .optional, value: .none)
        row(.verbosity, "VERBOSITY", .expiration, key: .none, value: .none, known: false)
        row(.touch, "TOUCH", .expiration, key: .required, value: .none)
        row(.getAndTouch, "GAT", .expiration, key: .required, value: .none, quiet: .getAndTouchQuiet)
        row(.getAndTouchKey, "GATK", .expiration, key: .required, value: .none, quiet: .getAndTouchKeyQuiet)
        row(.saslListMechanisms, "SASL_LIST_MECHS", .none, key: .none, value: .none)
        row(.saslAuthenticate, "SASL_AUTH", .none, key: .required, value: .optional)
        row(.saslStep, "SASL_STEP", .none, key: .required, value: .optional)
        row(.rangeGet, "RGET", .none, key: .required, value: .none, known: false)
        row(.rangeSet, "RSET", .none, key: .required, value: .optional, quiet: .rangeSetQuiet, known: false)
        row(.rangeAppend, "RAPPEND", .none, key: .required, value: .optional, quiet: .rangeAppendQuiet, known: false)
        row(.rangePrepend, "RPREPEND", .none, key: .required, value: .optional, quiet: .rangePrependQuiet, known: false)
        row(.rangeDelete, "RDELETE", .none, key: .required, value: .none, quiet: .rangeDeleteQuiet, known: false)
        row(.rangeIncrement, "RINCR", .none, key: .required, value: .none, quiet: .rangeIncrementQuiet, known: false)
        row(.rangeDecrement, "RDECR", .none, key: .required, value: .none, quiet: .rangeDecrementQuiet, known: false)
        return rows.sorted { $0.opcode.rawValue < $1.opcode.rawValue }
    }()

    private static let byOpcode: [Opcode: OpcodeEntry] = Dictionary(
        entries.map { ($0.opcode, $0) },
        uniquingKeysWith: { first, _ in first }
    )

    /// The row of an opcode; nil when the protocol does not name it.
    package static func entry(for opcode: Opcode) -> OpcodeEntry? {
        byOpcode[opcode]
    }
}
