#if HummingbirdSupport
public import HTTPTypes
public import Hummingbird
public import MemcachedSessions

/// What Hummingbird answers when a session cannot be had or stored, unless a middleware of yours catches the error.
///
/// No cookie goes with it.
extension MemcachedSessionError: HTTPResponseError {
    /// 503 when trying again makes sense (the session is busy, the cache away), else 500.
    public var status: HTTPResponse.Status { retryAfter == nil ? .internalServerError : .serviceUnavailable }

    /// Seconds after which trying again makes sense; nil when it does not.
    public var retryAfter: Int? {
        switch code {
        case .locked, .tooManyWaiters, .lockLost, .conflict, .lost, .cancelled: 1
        case .unavailable, .refused, .unsafeServer, .unsaved: 5
        default: nil
        }
    }

    /// A response for visitors: fixed words, with nothing of the session, its id or the cache.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Its context, whose encoder writes the words.
    /// - Returns: The response, with `Retry-After` where that makes sense.
    /// - Throws: What the context's encoder throws.
    public func response(from request: Request, context: some RequestContext) throws -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        headers[.retryAfter] = retryAfter.map { "\($0)" }
        return try HTTPError(status, headers: headers, message: words).response(from: request, context: context)
    }

    private var words: String {
        switch retryAfter {
        case 1?: "Your session is in use, or was changed or ended meanwhile. Try again."
        case .some: "Your session cannot be reached at the moment. Try again later."
        case nil: "Your session could not be read or stored."
        }
    }
}
#endif
