/// A PHP float: a double, and the text PHP wrote for it where that is not the shortest.
///
/// PHP writes a float with as many digits as `serialize_precision` says. With −1, the default, that is the shortest
/// text that reads back as the same double. With 17 it is `0.10000000000000001` for 0.1; such a text is kept, so that
/// writing back an unchanged float does not change it.
public struct PHPFloat: Sendable, Hashable {
    /// The number.
    public let value: Double

    /// The text as it was read, where it is not what PHP writes by default.
    let writtenText: [UInt8]?

    /// Creates a float that is written as PHP writes it by default.
    ///
    /// - Parameter value: The number.
    public init(_ value: Double) {
        self.value = value
        writtenText = nil
    }

    /// Creates a float that keeps its text where that differs from the default one.
    init(_ value: Double, writtenAs text: [UInt8]) {
        self.value = value
        writtenText = text.elementsEqual(Self.shortestText(of: value).utf8) ? nil : text
    }

    /// The text in PHP's serialize(): `1.5`, `100`, `1.0E+25`, `-INF`, `NAN`.
    public var text: String {
        writtenText.map { String(decoding: $0, as: UTF8.self) } ?? Self.shortestText(of: value)
    }

    /// Whether two floats have the same bits; how they were written does not count.
    ///
    /// - Parameters:
    ///   - left: One float.
    ///   - right: Another float.
    /// - Returns: True where the bits are equal, so NAN equals itself and 0 differs from −0.
    public static func == (left: Self, right: Self) -> Bool { left.value.bitPattern == right.value.bitPattern }

    /// Feeds the bits into a hasher.
    ///
    /// - Parameter hasher: The hasher.
    public func hash(into hasher: inout Hasher) { hasher.combine(value.bitPattern) }
}
