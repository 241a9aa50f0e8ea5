/// One thing that can be done to a frame, or to the stream at the place of that frame, by a ``FaultProxy`` or a
/// ``FakeMemcachedServer``.
///
/// Frames stay whole and in order unless the fault says otherwise. What needs a frame (a wrong opaque, a replay) does
/// not happen to bytes that are none: in raw mode, after text.
public enum Fault: Hashable, Sendable {
    // Time.

    /// Holds the frame back for a random time out of a range; what comes later waits behind it.
    case delay(ClosedRange<Duration>)
    /// Holds the frame and all that comes later for a time, then lets everything go on.
    case stall(Duration)
    /// Collects this frame and what comes within a time, and hands all of it over in one write.
    case coalesce(Duration)
    /// Holds the answers to the SASL commands back for a time.
    case slowSASL(Duration)

    // Pieces.

    /// Hands the frame over in two writes with a millisecond in between, cut at an offset; nil takes a random one.
    case split(at: Int?)
    /// Hands each byte of the frame over in a write of its own.
    case trickle

    // The stream.

    /// Loses this frame; what comes later goes on.
    case swallow
    /// Loses this frame and everything later in this direction, and leaves the connection open.
    case dropRest
    /// Ends the stream in this direction instead of the frame; the other direction stays open.
    case halfClose
    /// Closes the connection instead of the frame.
    case close
    /// Resets the connection (RST on TCP) instead of the frame.
    case reset
    /// Hands over the beginning of the frame, this many bytes (nil: a random number), and closes the connection.
    case truncate(to: Int?)

    // The order of frames.

    /// Hands the frame over twice.
    case duplicate
    /// Hands the next frame over before this one; if none comes within the time, nothing happens.
    case reorder(within: Duration)
    /// Hands over an older frame of this direction of this connection again, then this one.
    case replay

    // The content of frames.

    /// Changes the opaque to a random other one.
    case wrongOpaque
    /// Changes the opcode to the next one.
    case wrongOpcode
    /// Changes the magic.
    case wrongMagic(UInt8)
    /// Announces a key of 65,535 bytes, in frames whose body is shorter.
    case wrongKeyLength
    /// Announces 255 bytes of extras.
    case wrongExtrasLength
    /// Announces one byte more of body than there is.
    case wrongBodyLength
    /// Announces a body of 4,294,967,295 bytes.
    case announceHugeBody

    // Other answers.

    /// Hands over text instead of the frame, such as `ERROR Too many open connections\r\n`.
    case text(String)
    /// Answers with this status and a text instead of the frame, as a server in trouble does: 0x82 out of memory, 0x85
    /// busy, 0x86 temporary failure.
    case status(UInt16, String)
    /// Answers the SASL commands AUTH and STEP with 0x20, "Auth failure.".
    case refuseSASL
}

extension Fault {
    /// The name of a fault without its parameters, by which injected faults are counted.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// See ``Fault/delay(_:)``.
        case delay
        /// See ``Fault/stall(_:)``.
        case stall
        /// See ``Fault/coalesce(_:)``.
        case coalesce
        /// See ``Fault/slowSASL(_:)``.
        case slowSASL
        /// See ``Fault/split(at:)``.
        case split
        /// See ``Fault/trickle``.
        case trickle
        /// See ``Fault/swallow``.
        case swallow
        /// See ``Fault/dropRest``.
        case dropRest
        /// See ``Fault/halfClose``.
        case halfClose
        /// See ``Fault/close``.
        case close
        /// See ``Fault/reset``.
        case reset
        /// See ``Fault/truncate(to:)``.
        case truncate
        /// See ``Fault/duplicate``.
        case duplicate
        /// See ``Fault/reorder(within:)``; counted when two frames have really changed places.
        case reorder
        /// See ``Fault/replay``.
        case replay
        /// See ``Fault/wrongOpaque``.
        case wrongOpaque
        /// See ``Fault/wrongOpcode``.
        case wrongOpcode
        /// See ``Fault/wrongMagic(_:)``.
        case wrongMagic
        /// See ``Fault/wrongKeyLength``.
        case wrongKeyLength
        /// See ``Fault/wrongExtrasLength``.
        case wrongExtrasLength
        /// See ``Fault/wrongBodyLength``.
        case wrongBodyLength
        /// See ``Fault/announceHugeBody``.
        case announceHugeBody
        /// See ``Fault/text(_:)``.
        case text
        /// See ``Fault/status(_:_:)``.
        case status
        /// See ``Fault/refuseSASL``.
        case refuseSASL
    }

    /// The name of this fault without its parameters.
    public var kind: Kind {
        switch self {
        case .delay: .delay
        case .stall: .stall
        case .coalesce: .coalesce
        case .slowSASL: .slowSASL
        case .split: .split
        case .trickle: .trickle
        case .swallow: .swallow
        case .dropRest: .dropRest
        case .halfClose: .halfClose
        case .close: .close
        case .reset: .reset
        case .truncate: .truncate
        case .duplicate: .duplicate
        case .reorder: .reorder
        case .replay: .replay
        case .wrongOpaque: .wrongOpaque
        case .wrongOpcode: .wrongOpcode
        case .wrongMagic: .wrongMagic
        case .wrongKeyLength: .wrongKeyLength
        case .wrongExtrasLength: .wrongExtrasLength
        case .wrongBodyLength: .wrongBodyLength
        case .announceHugeBody: .announceHugeBody
        case .text: .text
        case .status: .status
        case .refuseSASL: .refuseSASL
        }
    }

    /// How long a fault that only costs time holds the frame; nil for all others, of which one frame takes just one.
    func hold(using generator: inout SeededGenerator) -> Duration? {
        switch self {
        case .delay(let range): generator.duration(in: range)
        case .stall(let duration), .coalesce(let duration), .slowSASL(let duration): duration
        default: nil
        }
    }

    /// Whether the fault can be done to this unit of a stream.
    /// - Parameters:
    ///   - unit: A frame, or bytes that are none.
    ///   - direction: Where it goes.
    ///   - hasHistory: Whether older frames of the direction are known.
    /// - Returns: False if doing it would do nothing, or make an answer where a request belongs.
    func applies(to unit: StreamUnit, _ direction: FaultPlan.Direction, hasHistory: Bool) -> Bool {
        switch self {
        case .delay, .stall, .coalesce, .split, .trickle, .swallow, .dropRest, .halfClose, .close, .reset, .truncate,
            .duplicate, .text:
            return true
        case .reorder, .wrongOpaque, .wrongOpcode, .wrongMagic, .wrongExtrasLength, .wrongBodyLength,
            .announceHugeBody:
            return unit.frame != nil
        case .wrongKeyLength:
            return unit.frame.map { $0.bodyLength < UInt16.max } ?? false
        case .status:
            return unit.frame != nil && direction == .responses
        case .replay:
            return unit.frame != nil && hasHistory
        case .slowSASL:
            return unit.frame.map { (0x20...0x22).contains($0.opcode) } ?? false
        case .refuseSASL:
            return direction == .responses && unit.frame.map { (0x21...0x22).contains($0.opcode) } ?? false
        }
    }
}
