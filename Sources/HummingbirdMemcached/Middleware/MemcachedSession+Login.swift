#if HummingbirdSupport
public import MemcachedSessions

extension MemcachedSession {
    /// Notes who has logged in and gives the session a new id, so that whoever knew the old one has nothing of it.
    ///
    /// The session is stored under the new id, and the old one deleted, before the response leaves.
    ///
    /// - Parameters:
    ///   - user: What says who it is, for example the user's id.
    ///   - name: The variable that holds it.
    /// - Throws: ``MemcachedSessions/MemcachedSessionError``, with code `unsaved` when the cache is down: then nobody
    ///   has logged in.
    public func logIn(_ user: some Encodable, as name: String = "user") throws(MemcachedSessionError) {
        try regenerateID()
        try setValue(user, for: name)
    }
}
#endif
