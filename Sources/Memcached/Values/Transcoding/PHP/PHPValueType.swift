/// The type of a value that php-memcached stored, from the lowest four bits of the flags word.
///
/// Source: `php_memcached.c` of php-memcached 3.2.0, the constants `MEMC_VAL_IS_…`; `Fixtures/values` has each.
enum PHPValueType: Hashable {
    case string
    case integer
    case float
    case boolean
    case json
    case serialized(MemcachedPHPSerialization)

    /// The type of a number; nil for numbers that php-memcached does not know.
    init?(number: UInt8) {
        switch number {
        case 0: self = .string
        case 1: self = .integer
        case 2: self = .float
        case 3: self = .boolean
        case 4: self = .serialized(.php)
        case 5: self = .serialized(.igbinary)
        case 6: self = .json
        case 7: self = .serialized(.msgpack)
        default: return nil
        }
    }

    var number: UInt8 {
        switch self {
        case .string: 0
        case .integer: 1
        case .float: 2
        case .boolean: 3
        case .json: 6
        case .serialized(let serialization): serialization.type
        }
    }

    var description: String {
        switch self {
        case .string: "string"
        case .integer: "integer"
        case .float: "float"
        case .boolean: "boolean"
        case .json: "JSON"
        case .serialized(let serialization): serialization.description
        }
    }
}
