extension MemcachedSessionError {
    /// The kind of an error: an open set, so that a `switch` over it needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private let name: String

        private init(_ name: String) {
            self.name = name
        }

        /// The name of the code, also fit for a metric label: there are few and they are fixed.
        public var description: String { name }

        /// A setting, save path or environment variable does not make sense.
        public static let invalidConfiguration = Code("invalidConfiguration")
        /// An argument is out of range.
        ///
        /// Nothing was sent.
        public static let invalidArgument = Code("invalidArgument")
        /// What was asked for is not safe with sessions that PHP may have too.
        ///
        /// Nothing was sent.
        public static let sharedWithPHP = Code("sharedWithPHP")
        /// A text is no session id.
        ///
        /// Nothing was sent.
        public static let invalidID = Code("invalidID")
        /// Strict mode: there is no session under an id that a client brought, and none will be stored under it.
        public static let unknownID = Code("unknownID")

        /// Another request holds the session's lock and did not let go of it in time.
        ///
        /// The server works.
        public static let locked = Code("locked")
        /// As many requests as are allowed wait for this session in this process already.
        public static let tooManyWaiters = Code("tooManyWaiters")
        /// The lock was held and is no longer: it ran out, or was taken away.
        ///
        /// Another request may have changed the session meanwhile.
        public static let lockLost = Code("lockLost")
        /// The session was changed by another request between reading and writing; that change stays.
        public static let conflict = Code("conflict")
        /// The session is gone: logged out, run out, or evicted while it was in use.
        ///
        /// It was not stored again.
        public static let lost = Code("lost")

        /// The cache cannot be reached or did not answer: an outage.
        public static let unavailable = Code("unavailable")
        /// The cache answers and refuses: wrong credentials, a command that is not permitted, another protocol.
        public static let refused = Code("refused")
        /// The server lacks what safe sessions rest on: it keeps no CAS (`memcached -C`), or does not look at it.
        public static let unsafeServer = Code("unsafeServer")
        /// The session is larger than the limit, ours or the server's.
        public static let tooLarge = Code("tooLarge")
        /// The calling task was cancelled.
        public static let cancelled = Code("cancelled")

        /// The stored bytes, or a variable in them, could not be turned into the type asked for.
        public static let decodingFailed = Code("decodingFailed")
        /// The stored bytes were not sealed for this session by a key of this application; they were left as they are.
        public static let unsealable = Code("unsealable")
        /// A value could not be turned into bytes.
        public static let encodingFailed = Code("encodingFailed")
        /// The session was opened without the cache (fail-open) and can be neither stored, destroyed nor renamed.
        public static let unsaved = Code("unsaved")
        /// The session was opened to be read only, and was changed, destroyed or renamed.
        public static let readOnly = Code("readOnly")
        /// The session, or the handle from ``MemcachedSessionHandler/open()``, was used after its end.
        public static let ended = Code("ended")
        /// A session was written, touched or destroyed that had not been read first.
        public static let notRead = Code("notRead")
    }
}
