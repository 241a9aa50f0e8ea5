#if HummingbirdSupport
import HTTPTypes
public import Hummingbird
public import MemcachedSessions

/// Gives each request its session: finds it by the cookie, stores what the route changed, and sets the cookie.
///
/// ```swift
/// let sessions = try MemcachedSessionHandler(.fromEnvironment())
/// let middleware = MemcachedSessionMiddleware<BasicMemcachedSessionRequestContext>(sessions)
///
/// let router = Router(context: BasicMemcachedSessionRequestContext.self)
/// router.group().add(middleware: middleware).get("/") { _, context in
///     let session = try context.session
///     session["count", default: 0] += 1
///     return "Hello #\(session["count", default: 0])"
/// }
/// router.group("/news").add(middleware: middleware.readOnly).get { _, context in … }
/// ```
///
/// The session is locked while a route works with it, and stored before the response's head leaves; what cannot be
/// stored becomes an error, never a response that promises what was not kept. A route that throws stores nothing. A
/// request is never run twice. Errors send no cookie: the one that the browser has stays right.
///
/// A request without a session cookie costs no cache operation and gets no cookie, until a route stores something.
public struct MemcachedSessionMiddleware<Context: MemcachedSessionRequestContext>: RouterMiddleware {
    private let handler: MemcachedSessionHandler
    private let header: SetCookieHeader
    private let security: CookieSecurity
    private var isReadOnly = false

    /// Makes a middleware whose cookie is secure or not as the handler's configuration says.
    ///
    /// - Parameter handler: Keeps the sessions; its configuration also describes the cookie.
    public init(_ handler: MemcachedSessionHandler) {
        self.init(handler, proxies: [])
    }

    /// Makes a middleware behind proxies that end TLS and say with `X-Forwarded-Proto` what the browser speaks.
    ///
    /// A visitor who came over plain HTTP then gets a cookie that is not secure. Without that word it is secure.
    ///
    /// - Parameters:
    ///   - handler: Keeps the sessions; its configuration also describes the cookie.
    ///   - trustedProxies: Who is believed: addresses (`10.0.0.1`, `::1`), ranges (`10.0.0.0/8`), `unix` for whoever
    ///     comes over a unix socket. Of anybody else the header means nothing.
    /// - Throws: ``MemcachedSessions/MemcachedSessionError`` with code `invalidConfiguration` that names the text that
    ///   is none of these.
    public init(_ handler: MemcachedSessionHandler, trustedProxies: [String]) throws(MemcachedSessionError) {
        var proxies: [AddressRange] = []
        for text in trustedProxies {
            guard let range = AddressRange(text) else {
                throw MemcachedSessionError(
                    .invalidConfiguration,
                    "trustedProxies: \"\(text)\" is no address; write 10.0.0.1, 10.0.0.0/8, ::1 or unix"
                )
            }
            proxies.append(range)
        }
        self.init(handler, proxies: proxies)
    }

    private init(_ handler: MemcachedSessionHandler, proxies: [AddressRange]) {
        self.handler = handler
        self.header = SetCookieHeader(cookie: handler.configuration.cookie)
        self.security = CookieSecurity(secure: handler.configuration.cookie.secure, proxies: proxies)
    }

    /// The same for routes that only read: without a lock, and without waiting for one.
    ///
    /// Changing the session throws there. So that a visitor who only reads is not logged out, each process prolongs the
    /// session at most once a minute. In a group inside, the middleware itself may stand again: the routes of that group
    /// lock the session and may change it.
    public var readOnly: MemcachedSessionMiddleware {
        var copy = self
        copy.isReadOnly = true
        return copy
    }

    /// Runs the rest of the request with its session.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - context: Gets the session.
    ///   - next: The rest of the request; called once.
    /// - Returns: The response of `next`, with the session's cookie if it has to be set or cleared.
    /// - Throws: What `next` throws; ``MemcachedSessions/MemcachedSessionError``, which Hummingbird answers with 503
    ///   when the session is busy or the cache away.
    @concurrent
    public func handle(
        _ request: Request,
        context: Context,
        next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        if let outer = context.sessionContext.session, isReadOnly || !outer.isReadOnly {
            return try await next(request, context)
        }
        let id = RequestCookies(request.headers[values: .cookie]).onlyValue(of: header.cookie.name)
        func run(_ session: MemcachedSession) async throws -> Response {
            var context = context
            context.sessionContext.session = session
            return try await next(request, context)
        }
        let outcome: MemcachedSessionOutcome<Response>
        if isReadOnly {
            outcome = try await handler.withReadOnlySession(id: id, route: context.endpointPath, run)
        } else {
            outcome = try await handler.withSession(id: id, route: context.endpointPath, onConflict: .fail, run)
        }
        var response = outcome.value
        let isSecure = security.isSecure(request.headers, from: context.sessionContext.peer)
        switch outcome.cookie {
        case .keep: break
        case .set(let id): add(header.setting(id, isSecure: isSecure), to: &response)
        case .clear: add(header.clearing(isSecure: isSecure), to: &response)
        }
        return response
    }

    /// Sets a cookie, and keeps the response out of every cache: nobody else may get somebody's id out of one.
    private func add(_ cookie: String, to response: inout Response) {
        response.headers.append(HTTPField(name: .setCookie, value: cookie))
        response.headers[.cacheControl] = "no-store"
    }
}
#endif
