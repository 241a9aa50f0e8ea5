/// Says what is wrong with JSON, or with a value that shall become JSON, without showing any of it.
///
/// The texts of `EncodingError` and `DecodingError` quote values, and the keys of a dictionary are values too. So
/// those errors are not handed on as causes, and only coding keys that are cases of an enum, which are written in the
/// source, are named.
enum JSONFault {
    static func explanation(of error: any Error, encoding type: Any.Type) -> String {
        guard case EncodingError.invalidValue(let value, let context)? = error as? EncodingError else {
            return "the \(type) could not be written as JSON: its encode(to:) threw a \(Swift.type(of: error))"
        }
        return "the \(type) could not be written as JSON: JSON has no form for a \(Swift.type(of: value))"
            + place(context.codingPath)
    }

    static func explanation(of error: any Error, decoding type: Any.Type) -> String {
        let reason =
            switch error as? DecodingError {
            case .keyNotFound(let key, let context)?:
                "a member is missing" + place(context.codingPath + [key])
            case .valueNotFound(let expected, let context)?:
                "null where a \(expected) belongs" + place(context.codingPath)
            case .typeMismatch(let expected, let context)?:
                "something else where a \(expected) belongs" + place(context.codingPath)
            case .dataCorrupted(let context)? where context.codingPath.isEmpty:
                "the bytes are not JSON, or hold something that its type refuses"
            case .dataCorrupted(let context)?:
                "a value that its type refuses" + place(context.codingPath)
            case nil:
                "its init(from:) threw a \(Swift.type(of: error))"
            @unknown default:
                "it could not be read"
            }
        return "the value is not the JSON of a \(type): \(reason)"
    }

    /// " at user.addresses[2].street"; keys of dictionaries are shown as `*`.
    private static func place(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "" }
        var text = ""
        for key in path {
            if let index = key.intValue, !isWrittenInSource(key) {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + (isWrittenInSource(key) ? key.stringValue : "*")
            }
        }
        return " at " + text
    }

    private static func isWrittenInSource(_ key: any CodingKey) -> Bool {
        let mirror = Mirror(reflecting: key)
        return mirror.displayStyle == .enum && mirror.children.isEmpty
    }
}
