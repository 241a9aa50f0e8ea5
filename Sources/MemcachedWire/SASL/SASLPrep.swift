/// Prepares a user name or password for SCRAM as SASLprep (RFC 4013) has it, without its normalisation.
///
/// Done: blanks of all kinds become U+0020 (RFC 3454 table C.1.2), what is mapped to nothing is left out (B.1), what is
/// prohibited is refused (C.2.1 to C.9), and so is text that mixes directions (section 6). Code points that Unicode 3.2
/// did not have are let through, as for a query (section 7).
///
/// Not done: normalisation form KC (RFC 4013 section 2.2), for which neither the standard library nor FoundationEssentials
/// has tables; Foundation has, with the 40 MB of ICU. Text that has the form already is prepared fully: precomposed
/// letters, as keyboards and string literals have them. Other text keeps its code points. memcached needs none of it: the
/// database of Cyrus SASL 2.1.28 holds and compares what `saslpasswd2` was given, byte by byte (measured).
package enum SASLPrep {
    /// Why text is not accepted; none holds any of it.
    package enum Failure: Error, Hashable, Sendable {
        /// A control character, a code point for private use, or another that RFC 3454 section 5 prohibits.
        case prohibited
        /// Letters of both directions, or a first or last character that does not go with them.
        case mixedDirections
        /// Nothing is left.
        case empty
    }

    /// Prepares text.
    ///
    /// - Throws: ``Failure``.
    package static func prepare(_ text: String) throws(Failure) -> String {
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            guard !text.isEmpty else { throw .empty }
            return text
        }
        var prepared = ""
        for scalar in text.unicodeScalars {
            if isBlank(scalar) {
                prepared.unicodeScalars.append(" ")
            } else if !isMappedToNothing(scalar) {
                guard !isProhibited(scalar) else { throw .prohibited }
                prepared.unicodeScalars.append(scalar)
            }
        }
        guard !prepared.isEmpty else { throw .empty }
        try checkDirections(prepared.unicodeScalars)
        return prepared
    }

    /// Table C.1.2; U+200B, which stands in B.1 too, is a blank here, as in RFC 4013 section 2.1.
    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xA0, 0x1680, 0x2000...0x200B, 0x202F, 0x205F, 0x3000: true
        default: false
        }
    }

    /// Table B.1.
    private static func isMappedToNothing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x34F, 0x1806, 0x180B...0x180D, 0x200C...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
        default: false
        }
    }

    /// Tables C.2.1, C.2.2, C.3, C.4, C.6, C.7, C.8 and C.9; C.5, surrogates, are no scalars.
    private static func isProhibited(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F, 0x6DD, 0x70F, 0x180E, 0x2028...0x2029, 0x2061...0x2063, 0x206A...0x206F,
            0xFFF9...0xFFFD, 0x1_D173...0x1_D17A:
            true
        case 0xE000...0xF8FF, 0xF_0000...0xF_FFFD, 0x10_0000...0x10_FFFD: true
        case 0xFDD0...0xFDEF: true
        case 0x2FF0...0x2FFB, 0x340...0x341, 0x200E...0x200F, 0x202A...0x202E, 0xE_0001, 0xE_0020...0xE_007F: true
        default: scalar.value & 0xFFFE == 0xFFFE
        }
    }

    /// RFC 3454 section 6: with one letter of a script that is written from right to left, none of the others, and such
    /// letters at both ends.
    private static func checkDirections(_ scalars: String.UnicodeScalarView) throws(Failure) {
        guard scalars.contains(where: isRightToLeft) else { return }
        guard let first = scalars.first, let last = scalars.last, isRightToLeft(first), isRightToLeft(last),
            !scalars.contains(where: isLeftToRight)
        else { throw .mixedDirections }
    }

    /// Table D.1.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x5BE, 0x5C0, 0x5C3, 0x5D0...0x5EA, 0x5F0...0x5F4, 0x61B, 0x61F, 0x621...0x63A, 0x640...0x64A,
            0x66D...0x66F, 0x671...0x6D5, 0x6DD, 0x6E5...0x6E6, 0x6FA...0x6FE:
            true
        case 0x700...0x70D, 0x710, 0x712...0x72C, 0x780...0x7A5, 0x7B1, 0x200F: true
        case 0xFB1D, 0xFB1F...0xFB28, 0xFB2A...0xFB36, 0xFB38...0xFB3C, 0xFB3E, 0xFB40...0xFB41, 0xFB43...0xFB44,
            0xFB46...0xFBB1, 0xFBD3...0xFD3D, 0xFD50...0xFD8F, 0xFD92...0xFDC7, 0xFDF0...0xFDFC, 0xFE70...0xFE74,
            0xFE76...0xFEFC:
            true
        default: false
        }
    }

    /// The letters of table D.2; its signs and digits of other scripts are let through.
    private static func isLeftToRight(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber,
            .spacingMark:
            !isRightToLeft(scalar)
        default: false
        }
    }
}
