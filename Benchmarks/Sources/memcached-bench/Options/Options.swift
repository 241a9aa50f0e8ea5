/// What the command line asks for.
struct Options: Sendable {
    /// Where the calling tasks run.
    enum Mode: Sendable {
        /// On Swift's default executor.
        case task
        /// On the event loop of the client's connections.
        case loop
    }

    /// What values are read as.
    enum Form: String, Sendable {
        /// `String`, through the transcoder.
        case text
        /// `ByteBuffer`, through the transcoder; of a session its bytes.
        case bytes
        /// The item, without the transcoder.
        case item
    }

    var workload: Workload = .get
    var host = "127.0.0.1"
    var port: UInt16 = 12_301
    var unix: String?
    /// A list of servers instead of one.
    var servers: String?
    var user: String?
    var password = ""
    var usesTLS = false
    /// A file with the certificate of the authority that the server's is held against; nil: any certificate, which is
    /// what the other drivers take.
    var authority: String?
    var mode = Mode.task
    /// Whether `w5` stores instead of reading.
    var stores = false
    /// Nil: what is usual for the workload.
    var form: Form?
    var repetitions = 5
    var seconds = 0.3
    var warmUp = 0.15
    /// More than zero: exactly so many operations, once, without warming up.
    var operations = 0
    var valueBytes = 100
    var keys = 1_000
    /// Nil: as many as the client's defaults allow.
    var connections: Int?
    var users = 64
}

/// What is repeated, by its names in the comparison.
enum Workload: Sendable {
    /// `w1`, `w5`, `w7p`, `w9`: one GET in flight.
    case get
    /// `w2`: one SET in flight.
    case set
    /// `w3`: a GET of 100 keys.
    case getMany
    /// `w4`: a SET of 100 keys with an outcome for each.
    case setMany
    /// `w5`: one GET or SET of a large value.
    case large
    /// `w6`: GETs of many concurrent tasks.
    case users
    /// `w7`: connect, authenticate, GET, close.
    case connect
    /// `w8`: a session: lock, read, write 1,000 B, unlock.
    case session
    /// No workload: stores what the others read.
    case preload
}
