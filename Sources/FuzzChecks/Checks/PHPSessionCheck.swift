import PHPSessionCodec

/// What is read is written in a way that reads the same.
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
        // Bytes that have a meaning in one format only, such as those of a NaN, need not survive in another one.
        let own: PHPValueFormat =
            switch format {
            case .php, .phpBinary, .phpSerialize: .serialize
            case .igbinary: .igbinary
            case .msgpack: .msgpack
            }
        return readsTheSame(session.root) { () throws(PHPSessionCodecError) in
            let written = try session.root.encoded(as: own, limits: limits)
            return { () throws(PHPSessionCodecError) in
                try PHPValue(decoding: written, format: own, limits: limits)
            }
        }
    }

    private static func check(_ bytes: ArraySlice<UInt8>, _ format: PHPValueFormat) -> FuzzVerdict {
        let value: PHPValue
        do throws(PHPSessionCodecError) {
            value = try PHPValue(decoding: bytes, format: format, limits: limits)
        } catch {
            return .refused
        }
        let verdict = readsTheSame(value) { () throws(PHPSessionCodecError) in
            let written = try value.encoded(as: format, limits: limits)
            return { () throws(PHPSessionCodecError) in
                try PHPValue(decoding: written, format: format, limits: limits)
            }
        }
        guard verdict == .accepted else { return verdict }
        return readsTheSame(value) { () throws(PHPSessionCodecError) in
            let written = try value.typedJSON(limits: limits)
            return { () throws(PHPSessionCodecError) in
                try PHPValue(typedJSON: written.utf8, content: .unsafeObjects, limits: limits)
            }
        }
    }

    /// Writes, which may be refused, and reads again, which may not.
    private static func readsTheSame(
        _ value: PHPValue,
        _ write: () throws(PHPSessionCodecError) -> () throws(PHPSessionCodecError) -> PHPValue
    ) -> FuzzVerdict {
        let read: () throws(PHPSessionCodecError) -> PHPValue
        do throws(PHPSessionCodecError) {
            read = try write()
        } catch {
            return .accepted
        }
        do throws(PHPSessionCodecError) {
            guard try read() == value else { return .broken("what was written reads as something else") }
        } catch {
            return .broken("what was written cannot be read: \(error.code)")
        }
        return .accepted
    }
}
