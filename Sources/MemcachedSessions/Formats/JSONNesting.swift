#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How deeply JSON nests, found out without recursion and before anything that recurses reads it.
///
/// A decoder calls itself for each level. Its own limit (512 in Foundation) is more than the stack of a thread may hold:
/// 512 KiB, as threads other than the main one have on Darwin, were seen to end at 128 levels in a debug build.
enum JSONNesting {
    /// How many arrays and objects may be inside of one another, the outermost included.
    static let maximum = 64

    static var refusal: String { "it is no UTF-8 or nests more deeply than \(maximum) levels" }

    /// Whether no more than so many arrays and objects are inside of one another.
    ///
    /// Bytes that are no JSON may be anything. Those with a NUL are never shallow: JSON in UTF-8 has none, and what a
    /// decoder takes for UTF-16 or UTF-32 has brackets that are not seen here.
    ///
    /// - Parameters:
    ///   - data: JSON in UTF-8, or anything.
    ///   - levels: How many.
    /// - Returns: Whether a decoder may read it.
    static func isShallow(_ data: Data, levels: Int) -> Bool {
        var depth = 0
        var isString = false
        var isEscape = false
        for byte in data {
            if byte == 0 { return false }
            if isEscape {
                isEscape = false
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isString.toggle()
            case UInt8(ascii: "\\"): isEscape = isString
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if isString { continue }
                depth += 1
                if depth > levels { return false }
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !isString { depth -= 1 }
            default: continue
            }
        }
        return true
    }
}
