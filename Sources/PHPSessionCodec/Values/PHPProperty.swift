/// A property of a PHP object.
public struct PHPProperty: Sendable {
    /// Who may see a property in PHP.
    public enum Visibility: Sendable, Hashable {
        /// Everyone.
        case `public`
        /// The class and its children.
        case protected
        /// The class that declares it.
        case `private`(declaringClass: PHPString)
    }

    /// The name without visibility.
    public let name: PHPString

    /// Who may see the property.
    public let visibility: Visibility

    /// The value.
    public let value: PHPValue

    /// Creates a property.
    ///
    /// - Parameters:
    ///   - name: The name without visibility.
    ///   - visibility: Who may see the property.
    ///   - value: The value.
    public init(_ name: PHPString, _ visibility: Visibility = .public, value: PHPValue) {
        self.name = name
        self.visibility = visibility
        self.value = value
    }

    init(key: PHPKey, value: PHPValue) {
        switch PropertyName(key) {
        case .public(let name): self.init(name, .public, value: value)
        case .protected(let name): self.init(name, .protected, value: value)
        case .private(let name, let scope): self.init(name, .private(declaringClass: scope), value: value)
        }
    }

    /// The name with the visibility in it, as PHP writes it.
    var writtenName: PHPString {
        switch visibility {
        case .public: name
        case .protected: .mangled(name, scope: "*")
        case .private(let scope): .mangled(name, scope: scope)
        }
    }
}

/// A property's written name taken apart: `name`, `\0*\0name` (protected) or `\0Class\0name` (private).
enum PropertyName: Hashable {
    case `public`(PHPString)
    case protected(PHPString)
    case `private`(PHPString, scope: PHPString)

    /// Takes a name apart.
    ///
    /// One that starts with a zero byte and is not in PHP's form is public as it stands.
    init(_ key: PHPKey) {
        let name = key.name
        guard name.bytes.first == 0 else {
            self = .public(name)
            return
        }
        let rest = name.bytes.dropFirst()
        guard let end = rest.firstIndex(of: 0), end > rest.startIndex else {
            self = .public(name)
            return
        }
        let scope = PHPString(bytes: rest[..<end])
        let property = PHPString(bytes: rest[(end + 1)...])
        self = scope == "*" ? .protected(property) : .private(property, scope: scope)
    }
}

extension PHPString {
    /// A property name with its visibility in it.
    static func mangled(_ name: PHPString, scope: PHPString) -> PHPString {
        PHPString(bytes: [0] + scope.bytes + [0] + name.bytes)
    }
}
