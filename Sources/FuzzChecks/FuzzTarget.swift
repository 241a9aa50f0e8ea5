/// What is fuzzed: everything that turns bytes of somebody else into something.
///
/// To add one, write a check, a case here, and its first inputs in `Scripts/lib/corpora.sh`.
package enum FuzzTarget: String, CaseIterable, Sendable {
    /// Response frames out of a stream that comes in pieces.
    case responses = "FuzzResponses"
    /// The 24 bytes that begin a frame, of both directions.
    case headers = "FuzzHeaders"
    /// What a server says of SASL, and the messages that it is sent.
    case sasl = "FuzzSASL"
    /// Lists of servers as people write them.
    case servers = "FuzzServers"
    /// Stored values, with their flags.
    case transcoders = "FuzzTranscoders"
    /// FastLZ blocks.
    case fastLZ = "FuzzFastLZ"
    /// PHP's sessions and serialised values.
    case phpSessions = "FuzzPHPSessions"

    /// Checks one input.
    ///
    /// - Parameter bytes: The input.
    /// - Returns: What it was.
    package func check(_ bytes: [UInt8]) -> FuzzVerdict {
        switch self {
        case .responses: ResponseCheck.check(bytes)
        case .headers: HeaderCheck.check(bytes)
        case .sasl: SASLCheck.check(bytes)
        case .servers: ServerCheck.check(bytes)
        case .transcoders: TranscoderCheck.check(bytes)
        case .fastLZ: FastLZCheck.check(bytes)
        case .phpSessions: PHPSessionCheck.check(bytes)
        }
    }
}
