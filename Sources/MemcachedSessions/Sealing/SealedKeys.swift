import Crypto
package import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Seals and opens the values of sessions, and names their cache keys.
///
/// A sealed value is: 1 (the version), the algorithm, 4 bytes that name the key, the nonce of 12 bytes, the ciphertext,
/// the tag of 16 bytes. What is authenticated beside it: the first six bytes, and with their lengths the application, the
/// prefix and the cache key. Each secret is expanded with HKDF-SHA256 for its purpose.
package struct SealedKeys: Sendable {
    /// The characters of a cache key's name: HMAC-SHA256 in hexadecimal.
    static let nameLength = 64
    static let version: UInt8 = 1
    private static let headerLength = 6
    /// What sealing adds to a value.
    static let overhead = headerLength + 12 + 16

    private struct SealingKey: Sendable {
        var secret: SymmetricKey
        var name: [UInt8]

        init(_ key: MemcachedSessionConfiguration.Sealing.Key) {
            secret = SealedKeys.expand(key, "session value")
            name = SealedKeys.expand(key, "key name").withUnsafeBytes { Array($0.prefix(4)) }
        }
    }

    private let application: String
    private let prefix: String
    private let algorithm: MemcachedSessionConfiguration.Sealing.Algorithm
    private let idKey: SymmetricKey
    private let first: SealingKey
    private let keys: [SealingKey]

    /// Takes the keys of a configuration; nil when there is none that seals.
    package init?(_ sealing: MemcachedSessionConfiguration.Sealing, prefix: String) {
        let keys = sealing.keys.map(SealingKey.init)
        guard let first = keys.first else { return nil }
        self.application = sealing.application
        self.prefix = prefix
        self.algorithm = sealing.algorithm
        self.idKey = Self.expand(sealing.idKey, "session id")
        self.first = first
        self.keys = keys
    }

    private static func expand(_ key: MemcachedSessionConfiguration.Sealing.Key, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>
            .deriveKey(
                inputKeyMaterial: SymmetricKey(data: key.bytes),
                info: Array("swift-memcached \(purpose)".utf8),
                outputByteCount: 32
            )
    }

    /// The name under which a session is stored.
    package func name(of id: String) -> String {
        var message = Array(application.utf8)
        message.append(0)
        message += id.utf8
        let digits = Array("0123456789abcdef".utf8)
        var name: [UInt8] = []
        name.reserveCapacity(Self.nameLength)
        for byte in HMAC<SHA256>.authenticationCode(for: message, using: idKey) {
            // Each half of a byte is an index into sixteen digits.
            name.append(digits[Int(byte >> 4)])
            name.append(digits[Int(byte & 15)])
        }
        return String(decoding: name, as: UTF8.self)
    }

    /// Seals the value of the session with this name.
    package func seal(_ value: ByteBuffer, name: String) throws -> ByteBuffer {
        let header = [Self.version, algorithm.rawValue] + first.name
        let data = associatedData(header, name)
        let plain = Array(value.readableBytesView)
        var sealed = ByteBuffer()
        sealed.reserveCapacity(plain.count + Self.overhead)
        sealed.writeBytes(header)
        switch algorithm {
        case .aesGCM:
            let box = try AES.GCM.seal(plain, using: first.secret, authenticating: data)
            sealed.writeBytes(box.nonce)
            sealed.writeBytes(box.ciphertext)
            sealed.writeBytes(box.tag)
        case .chaChaPoly:
            let box = try ChaChaPoly.seal(plain, using: first.secret, authenticating: data)
            sealed.writeBytes(box.nonce)
            sealed.writeBytes(box.ciphertext)
            sealed.writeBytes(box.tag)
        }
        return sealed
    }

    /// Whether a value begins as one that was sealed by one of the keys.
    func isSealed(_ value: ByteBuffer) -> Bool {
        let header = Array(value.readableBytesView.prefix(Self.headerLength))
        return header.first == Self.version && keys.contains { $0.name.elementsEqual(header.dropFirst(2)) }
    }

    /// Opens the value of the session with this name; nil when it was not sealed for it by one of the keys.
    ///
    /// Says as well whether the key that seals today, in today's way, sealed it.
    package func open(_ sealed: ByteBuffer, name: String) -> (value: ByteBuffer, isCurrent: Bool)? {
        let bytes = sealed.readableBytesView
        guard bytes.count >= Self.overhead, bytes.first == Self.version else { return nil }
        let header = Array(bytes.prefix(Self.headerLength))
        guard let algorithm = header.dropFirst().first.flatMap(MemcachedSessionConfiguration.Sealing.Algorithm.init)
        else { return nil }
        let data = associatedData(header, name)
        let body = Array(bytes.dropFirst(Self.headerLength))
        for key in keys where key.name.elementsEqual(header.dropFirst(2)) {
            let plain: Data?
            switch algorithm {
            case .aesGCM:
                plain = try? AES.GCM.open(.init(combined: body), using: key.secret, authenticating: data)
            case .chaChaPoly:
                plain = try? ChaChaPoly.open(.init(combined: body), using: key.secret, authenticating: data)
            }
            if let plain {
                let isCurrent = key.name == first.name && algorithm == self.algorithm
                return (ByteBuffer(bytes: plain), isCurrent)
            }
        }
        return nil
    }

    private func associatedData(_ header: [UInt8], _ name: String) -> [UInt8] {
        var data = ByteBuffer(bytes: header)
        for part in [application, prefix, name] {
            data.writeInteger(UInt32(truncatingIfNeeded: part.utf8.count))
            data.writeString(part)
        }
        return Array(data.readableBytesView)
    }
}
