#if HummingbirdSupport
public import MemcachedSessions

/// Values for the next page: "Your order was stored", shown once.
///
/// They are variables of the session named `_flash.` and their name, so PHP beside us can set and show them too.
extension MemcachedSession {
    private static let flashPrefix = "_flash."

    /// Keeps a value until it is taken, usually by the page that a redirect leads to.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - name: Its name.
    /// - Throws: What ``MemcachedSessions/MemcachedSession/setValue(_:for:)`` throws.
    public func setFlash(_ value: some Encodable, for name: String) throws(MemcachedSessionError) {
        try setValue(value, for: Self.flashPrefix + name)
    }

    /// Reads a value that was kept for this page and forgets it.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - type: Its type.
    /// - Returns: The value; nil when there is none.
    /// - Throws: ``MemcachedSessions/MemcachedSessionError``, with code `readOnly` where the session cannot be changed:
    ///   there the value would come again with each page.
    public func takeFlash<Value: Decodable>(
        _ name: String,
        as type: Value.Type = String.self
    ) throws(MemcachedSessionError) -> Value? {
        let name = Self.flashPrefix + name
        guard let value = try value(name, as: type) else { return nil }
        try removeValue(for: name)
        return value
    }
}
#endif
