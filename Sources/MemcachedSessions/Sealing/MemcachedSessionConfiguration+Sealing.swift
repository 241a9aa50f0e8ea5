import Memcached

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension MemcachedSessionConfiguration {
    /// Sessions that only this application can read and change, and that tell nobody their ids.
    ///
    /// The value is encrypted and authenticated together with the application's name, the prefix and the cache key, so
    /// that no other value can stand in its place; the cache key is an HMAC of the id. Who reads the cache sees neither
    /// values nor ids that a browser could send; who can write to it can delete sessions, or put an older value of the
    /// same session back: that is not noticed. PHP cannot read such sessions and would delete them, so they need a
    /// prefix that no PHP shares.
    ///
    /// ```swift
    /// configuration.prefix = "shop."
    /// configuration.sealing = .init(
    ///     application: "shop",
    ///     idKey: try .init(base64: environment["SESSION_ID_KEY"] ?? ""),
    ///     keys: [try .init(base64: environment["SESSION_KEY"] ?? "")]
    /// )
    /// ```
    public struct Sealing: Sendable {
        /// How values are encrypted and authenticated.
        public enum Algorithm: UInt8, Hashable, Sendable {
            /// AES-256 in Galois/Counter Mode.
            case aesGCM = 1
            /// ChaCha20-Poly1305.
            case chaChaPoly = 2
        }

        /// The name of the application; sessions of another name cannot be read.
        public var application: String
        /// The secret from which cache keys are made.
        ///
        /// With another one, all sessions are gone.
        public var idKey: Key
        /// The secrets of values: the first one seals, all of them open.
        ///
        /// To change the secret, put the new one behind the first in every process, then in front, and take the old one
        /// out when the sessions that it sealed have run out.
        public var keys: [Key]
        /// How values are sealed; both ways are opened.
        ///
        /// Default AES-GCM.
        public var algorithm: Algorithm = .aesGCM
        /// Until when sessions are taken over that were stored before sealing was switched on.
        ///
        /// Default nil: never. A session that is found is sealed and its plain copy deleted.
        public var acceptsPlainUntil: Date?

        /// Seals sessions.
        ///
        /// - Parameters:
        ///   - application: The name of the application.
        ///   - idKey: The secret of cache keys.
        ///   - keys: The secrets of values, the one that seals first.
        public init(application: String, idKey: Key, keys: [Key]) {
            self.application = application
            self.idKey = idKey
            self.keys = keys
        }
    }
}

extension MemcachedSessionConfiguration.Sealing {
    /// A secret of at least 32 random bytes.
    ///
    /// Printing one shows nothing of it.
    public struct Key: Hashable, Sendable {
        let bytes: [UInt8]

        /// Takes bytes as they are.
        ///
        /// - Parameter bytes: At least 32 random bytes, for example of `openssl rand 32`.
        /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` when there are fewer.
        public init(_ bytes: some Sequence<UInt8>) throws(MemcachedSessionError) {
            self.bytes = Array(bytes)
            guard self.bytes.count >= 32 else {
                throw MemcachedSessionError(
                    .invalidConfiguration,
                    "a key of sealing has \(self.bytes.count) bytes and needs at least 32 random ones"
                )
            }
        }

        /// Reads base64.
        ///
        /// - Parameter text: The text, for example of `openssl rand -base64 32`.
        /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` when it is not base64 of at least 32 bytes.
        public init(base64 text: String) throws(MemcachedSessionError) {
            guard let data = Data(base64Encoded: text.trimmingBlanks()) else {
                throw MemcachedSessionError(
                    .invalidConfiguration,
                    "a key of sealing is not base64; make one with: openssl rand -base64 32"
                )
            }
            try self.init(data)
        }
    }
}

extension MemcachedSessionConfiguration.Sealing.Key: CustomStringConvertible, CustomReflectable {
    /// Nothing of the secret.
    public var description: String { "<redacted>" }
    /// Without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension MemcachedSessionConfiguration.Sealing {
    /// Checks the names and keys.
    func validate(prefix: String, isSharedWithPHP: Bool) throws(MemcachedSessionError) {
        func require(_ condition: Bool, _ advice: String) throws(MemcachedSessionError) {
            guard condition else { throw MemcachedSessionError(.invalidConfiguration, advice) }
        }
        try require(!application.isEmpty, "sealing.application has to be a name")
        try require(!keys.isEmpty, "sealing.keys needs at least one key")
        try require(Set(keys).count == keys.count, "sealing.keys holds a key twice")
        try require(!keys.contains(idKey), "sealing.idKey has to be another one than those of values")
        try require(
            !isSharedWithPHP,
            "PHP deletes sessions that it cannot read: sealed sessions need a prefix of their own, for example "
                + "configuration.prefix = \"myapp.\""
        )
        let length = prefix.utf8.count + SessionID.lockPrefix.utf8.count + SealedKeys.nameLength
        try require(length <= SessionID.maximumKeyLength, "prefix is too long for sealed sessions: at most 181 bytes")
    }
}
