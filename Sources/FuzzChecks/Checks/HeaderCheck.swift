import MemcachedWire

/// A header that is accepted says exactly what its bytes say, and has lengths that fit each other.
///
/// Input: the bytes that begin a frame of either direction.
enum HeaderCheck {
    static func check(_ bytes: [UInt8]) -> FuzzVerdict {
        let verdicts = [checkRequest(bytes), checkResponse(bytes)]
        for verdict in verdicts {
            if case .broken = verdict { return verdict }
        }
        return verdicts.contains(.accepted) ? .accepted : .refused
    }

    private static func checkRequest(_ bytes: [UInt8]) -> FuzzVerdict {
        let header: RequestHeader
        do throws(FramingError) {
            header = try RequestHeader(parsing: bytes.span.bytes)
        } catch {
            return .refused
        }
        var again: [UInt8] = [RequestHeader.magic, header.opcode.rawValue]
        again.appendBigEndian(header.keyLength)
        again += [header.extrasLength, header.dataType]
        again.appendBigEndian(header.vbucket)
        again.appendBigEndian(header.bodyLength)
        again.appendBigEndian(header.opaque)
        again.appendBigEndian(header.cas)
        return verdict(again, bytes, valueLength: header.valueLength, frameLength: header.frameLength)
    }

    private static func checkResponse(_ bytes: [UInt8]) -> FuzzVerdict {
        let header: ResponseHeader
        do throws(FramingError) {
            header = try ResponseHeader(parsing: bytes.span.bytes)
        } catch {
            return .refused
        }
        var again: [UInt8] = [ResponseHeader.magic, header.opcode.rawValue]
        again.appendBigEndian(header.keyLength)
        again += [header.extrasLength, header.dataType]
        again.appendBigEndian(header.status.rawValue)
        again.appendBigEndian(header.bodyLength)
        again.appendBigEndian(header.opaque)
        again.appendBigEndian(header.cas)
        return verdict(again, bytes, valueLength: header.valueLength, frameLength: header.frameLength)
    }

    private static func verdict(
        _ again: [UInt8],
        _ bytes: [UInt8],
        valueLength: Int,
        frameLength: Int
    ) -> FuzzVerdict {
        guard again.elementsEqual(bytes.prefix(24)) else { return .broken("a header reads as something else") }
        guard valueLength >= 0, frameLength >= 24 + valueLength else { return .broken("a length is negative") }
        return .accepted
    }
}
