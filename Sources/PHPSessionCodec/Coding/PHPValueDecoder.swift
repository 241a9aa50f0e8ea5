/// Makes Codable types of PHP values.
///
/// Arrays with keys and objects are read by name, an object's property by its plain name whatever its visibility;
/// lists are read in order, and an array is a list only if its keys are 0, 1, 2 …. Ints are read as floating-point
/// numbers where that is exact; nothing else is converted: PHP's `"5"` is no integer here.
///
/// ```swift
/// let cart = try session["cart"].map { try PHPValueDecoder().decode(Cart.self, from: $0) }
/// ```
public struct PHPValueDecoder: Sendable {
    /// The depth that decoders and encoders allow by default, 128 containers.
    ///
    /// Codable recurses through the code of the types, so the depth is bounded by the stack: 128 levels pass on the
    /// 512 KiB of a thread that is not the main one, unoptimized.
    public static let standardDepth = 128

    /// What types can ask for in their `init(from:)`.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// How deeply containers may nest.
    public var maximumDepth: Int

    /// How many values may be read; references and repeated objects count each time they are followed.
    public var maximumValues: Int

    /// Creates a decoder.
    ///
    /// - Parameters:
    ///   - maximumDepth: How deeply containers may nest.
    ///   - maximumValues: How many values may be read.
    public init(maximumDepth: Int = standardDepth, maximumValues: Int = PHPSessionLimits.standard.maximumValues) {
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
    }

    /// Decodes a value.
    ///
    /// - Parameters:
    ///   - type: The type.
    ///   - value: The PHP value.
    /// - Returns: A value of the type.
    /// - Throws: `DecodingError`. Its underlying error is a ``PHPSessionCodecError`` with the code `cycle` where the
    ///   type follows a reference back into itself, `tooManyValues` or `tooDeep` beyond the limits.
    public func decode<T: Decodable>(_ type: T.Type, from value: PHPValue) throws -> T {
        let storage = DecodingStorage(self, value.graph)
        return try DecodingPlace(storage, codingPath: [], node: value.node, parents: nil).decode(type)
    }
}

/// What all containers of one decoding share.
final class DecodingStorage {
    let options: PHPValueDecoder
    let graph: ValueGraph
    private var remaining: Int

    init(_ options: PHPValueDecoder, _ graph: ValueGraph) {
        self.options = options
        self.graph = graph
        remaining = options.maximumValues
    }

    /// Counts a value that is read.
    ///
    /// - Returns: False where the budget is used up.
    func spend() -> Bool {
        remaining -= 1
        return remaining >= 0
    }
}

/// The containers around a value, innermost first.
final class DecodingParent {
    let container: Container
    let outer: DecodingParent?
    let depth: Int

    init(_ container: Container, outer: DecodingParent?) {
        self.container = container
        self.outer = outer
        depth = (outer?.depth ?? 0) + 1
    }

    /// Whether a container is among these.
    func contains(_ other: Container) -> Bool {
        var parent: DecodingParent? = self
        while let current = parent {
            if current.container == other { return true }
            parent = current.outer
        }
        return false
    }
}
