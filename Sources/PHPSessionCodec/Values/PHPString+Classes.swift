/// What PHP itself says of a class by its name alone, whatever the application is.
extension PHPString {
    /// Whether PHP accepts this as the name of a class in serialized data.
    ///
    /// Letters, digits, underscores, backslashes and bytes above 127, no backslash in front (PHP 8.2,
    /// ext/standard/var_unserializer.re and `zend_is_valid_class_name`).
    var isClassName: Bool {
        guard let first = bytes.first, first != UInt8(ascii: "\\") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xff: true
            case UInt8(ascii: "_"), UInt8(ascii: "\\"): true
            default: false
            }
        }
    }

    /// Whether this may be the name of an enumeration: any class but those of PHP itself that are known to be none.
    var isEnumerationName: Bool { isClassName && !isStandardClass && !isNeverUnserialized }

    /// Whether this is PHP's own class for objects that are nothing but properties.
    var isStandardClass: Bool { lowercased.elementsEqual("stdclass".utf8) }

    /// Whether PHP refuses data with an object of this class, and the whole session with it.
    ///
    /// These classes are compiled into every PHP 8.2 and marked as not serializable (`ZEND_ACC_NOT_SERIALIZABLE`).
    /// serialize() and igbinary refuse them; the extension msgpack makes a useless object.
    var isNeverUnserialized: Bool { Self.neverUnserialized.contains(lowercased) }

    private static let neverUnserialized = Set(
        """
        closure fiber generator internaliterator sensitiveparametervalue weakmap weakreference
        directoryiterator filesystemiterator globiterator recursivedirectoryiterator
        splfileinfo splfileobject spltempfileobject
        reflectionattribute reflectionclass reflectionclassconstant reflectionenum reflectionenumbackedcase
        reflectionenumunitcase reflectionextension reflectionfiber reflectionfunction reflectionfunctionabstract
        reflectiongenerator reflectionintersectiontype reflectionmethod reflectionnamedtype reflectionobject
        reflectionparameter reflectionproperty reflectionreference reflectiontype reflectionuniontype
        reflectionzendextension
        """
        .utf8
        .split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
        .map { Array($0) }
    )

    /// Names of classes do not tell ASCII's capitals from its small letters.
    private var lowercased: [UInt8] {
        bytes.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

extension ValueGraph.ObjectForm {
    /// Whether PHP reads objects of this form with such a class.
    func accepts(_ className: PHPString) -> Bool {
        switch self {
        case .properties, .serialized, .serializable: className.isClassName && !className.isNeverUnserialized
        case .enumCase: className.isEnumerationName
        }
    }
}
