/// Looks up the addresses of a host name.
package protocol AddressResolver: Sendable {
    /// Looks a name up, without blocking the caller.
    ///
    /// - Parameters:
    ///   - host: The name.
    ///   - completion: Called once, on any thread: addresses as text, in any order, or why there are none.
    func addresses(of host: String, completion: @escaping @Sendable (Result<[String], any Error>) -> Void)
}
