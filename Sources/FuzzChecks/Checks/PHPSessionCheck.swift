import PHPSessionCodec

/// What is written can be read again, and reading and writing it once more changes nothing.
///
/// The first time something may change, as it does in PHP: a value that refers to itself as a whole loses that, a NaN its
/// bits where numbers are text, a name its being a text where it looks like a number.
///
/// Input: which format, one byte; the bytes of a session or value.
enum PHPSessionCheck {
    private static let limits = PHPSessionLimits(maximumBytes: 1 << 20, maximumDepth: 4_096, maximumValues: 1 << 16)

    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        guard let choice = bytes.first.map(Int.init) else { return .refused }
        let rest = bytes.dropFirst()
        let sessions = PHPSessionFormat.allCases
        let values = PHPValueFormat.allCases
        let number = choice % (sessions.count + values.count)
        return number < sessions.count
            ? check(rest, sessions[number]) : check(rest, values[number - sessions.count])
    }

    private static func check(_ bytes: ArraySlice<UInt8>, _ format: PHPSessionFormat) -> FuzzVerdict {
        let session: PHPSession
        do throws(PHPSessionCodecError) {
            session = try PHPSession(decoding: bytes, format: format, limits: limits)
        } catch {
            return .refused
        }
        do throws(PHPSessionCodecError) {
            guard try session.encoded() == Array(bytes) else {
                return .broken("an unchanged session is written in other bytes")
            }
        } catch {
            return .broken("an unchanged session is not written")
        }
        guard let variables = session.root.array else { return .accepted }
        return isStable(PHPSession(variables, format: format, limits: limits)) {
            (session: PHPSession) throws(PHPSessionCodecError) in
            try session.encoded()
        } read: { (bytes: [UInt8]) throws(PHPSessionCodecError) in
            let read = try PHPSession(decoding: bytes, format: format, limits: limits)
            // Without the bytes that it was read from, so that it is really written.
            return PHPSession(read.root.array ?? PHPArray(), format: format, limits: limits)
        }
    }

    private static func check(_ bytes: ArraySlice<UInt8>, _ format: PHPValueFormat) -> FuzzVerdict {
        let value: PHPValue
        do throws(PHPSessionCodecError) {
            value = try PHPValue(decoding: bytes, format: format, limits: limits)
        } catch {
            return .refused
        }
        let verdict = isStable(value) { (value: PHPValue) throws(PHPSessionCodecError) in
            try value.encoded(as: format, limits: limits)
        } read: { (bytes: [UInt8]) throws(PHPSessionCodecError) in
            try PHPValue(decoding: bytes, format: format, limits: limits)
        }
        guard verdict == .accepted else { return verdict }
        do throws(PHPSessionCodecError) {
            var trees: [String] = []
            var value = value
            for _ in 0..<3 {
                trees.append(try value.typedJSON(limits: limits))
                value = try PHPValue(typedJSON: trees[trees.count - 1].utf8, content: .unsafeObjects, limits: limits)
            }
            return trees[1] == trees[2] ? .accepted : .broken("a tree reads as another one")
        } catch {
            // A tree may show a class whose name no tree may bring in.
            return .accepted
        }
    }

    /// Writes, which may be refused; reads, which may not; writes again, which has to give the same bytes.
    private static func isStable<Thing>(
        _ thing: Thing,
        write: (Thing) throws(PHPSessionCodecError) -> [UInt8],
        read: ([UInt8]) throws(PHPSessionCodecError) -> Thing
    ) -> FuzzVerdict {
        var written: [UInt8]
        do throws(PHPSessionCodecError) {
            written = try write(thing)
        } catch {
            return .accepted
        }
        do throws(PHPSessionCodecError) {
            written = try write(try read(written))
            guard try write(try read(written)) == written else {
                return .broken("what was written reads as something else")
            }
        } catch {
            return .broken("what was written cannot be read and written again: \(error.code)")
        }
        return .accepted
    }
}
