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
        // In its own format: another one need not have a place for it, such as for the bits of a NaN.
        switch format {
        case .php, .phpBinary: return readsTheSame(session)
        case .phpSerialize: return readsTheSame(session.root, as: .serialize)
        case .igbinary: return readsTheSame(session, as: .igbinary)
        case .msgpack: return readsTheSame(session, as: .msgpack)
        }
    }

    /// All variables as one value, which is what these formats store.
    private static func readsTheSame(_ session: PHPSession, as format: PHPValueFormat) -> FuzzVerdict {
        readsTheSame(session.root) { () throws(PHPSessionCodecError) in
            let written = try session.root.encoded(as: format, limits: limits)
            return { () throws(PHPSessionCodecError) in
                try PHPSession(decoding: written, format: session.format, limits: limits).root
            }
        }
    }

    /// The variables without the bytes they were read from.
    private static func readsTheSame(_ session: PHPSession) -> FuzzVerdict {
        guard let variables = session.root.array else { return .broken("a session is no array of variables") }
        return readsTheSame(session.root) { () throws(PHPSessionCodecError) in
            let written = try PHPSession(variables, format: session.format, limits: limits).encoded()
            return { () throws(PHPSessionCodecError) in
                try PHPSession(decoding: written, format: session.format, limits: limits).root
            }
        }
    }

    private static func readsTheSame(_ value: PHPValue, as format: PHPValueFormat) -> FuzzVerdict {
        readsTheSame(value) { () throws(PHPSessionCodecError) in
            let written = try value.encoded(as: format, limits: limits)
            return { () throws(PHPSessionCodecError) in
                try PHPValue(decoding: written, format: format, limits: limits)
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
        let verdict = readsTheSame(value, as: format)
        guard verdict == .accepted else { return verdict }
        // A tree may show a class whose name no tree may bring in, so reading one may be refused; it may not differ.
        do throws(PHPSessionCodecError) {
            let tree = try value.typedJSON(limits: limits)
            let again = try PHPValue(typedJSON: tree.utf8, content: .unsafeObjects, limits: limits)
            return try again.typedJSON(limits: limits) == tree ? .accepted : .broken("a tree reads as another one")
        } catch {
            return .accepted
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
            let again = try read()
            if again == value { return .accepted }
            // An object's property has a text as its name, also where an integer was read: the trees tell.
            let (tree, wanted) = (try again.typedJSON(limits: limits), try value.typedJSON(limits: limits))
            guard tree == wanted else { return .broken("what was written reads as something else") }
        } catch {
            return .broken("what was written cannot be read: \(error.code)")
        }
        return .accepted
    }
}
