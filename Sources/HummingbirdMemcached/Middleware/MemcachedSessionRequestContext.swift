#if HummingbirdSupport
public import Hummingbird
public import MemcachedSessions
import NIOCore

/// A request context in which ``MemcachedSessionMiddleware`` puts the request's session.
///
/// ```swift
/// struct AppContext: MemcachedSessionRequestContext {
///     var coreContext: CoreRequestContextStorage
///     var sessionContext: MemcachedSessionContext
///
///     init(source: ApplicationRequestContextSource) {
///         coreContext = CoreRequestContextStorage(source: source)
///         sessionContext = MemcachedSessionContext(source: source)
///     }
/// }
/// ```
public protocol MemcachedSessionRequestContext: RequestContext {
    /// Where the middleware puts the session.
    var sessionContext: MemcachedSessionContext { get set }
}

extension MemcachedSessionRequestContext {
    /// The session of this request.
    ///
    /// Changes are stored when the route has returned its response, before the first byte of it is sent. It is of no
    /// more use afterwards, for example in the closure that writes a streamed body.
    ///
    /// - Throws: ``MemcachedSessionMiddlewareMissing`` when no ``MemcachedSessionMiddleware`` stands before this route.
    public var session: MemcachedSession {
        get throws(MemcachedSessionMiddlewareMissing) {
            guard let session = sessionContext.session else { throw MemcachedSessionMiddlewareMissing() }
            return session
        }
    }
}

/// The session in a request context, and who has sent the request.
///
/// Printing it shows neither.
public struct MemcachedSessionContext: Sendable {
    var session: MemcachedSession?
    /// The other end of the connection: the browser, or a proxy.
    let peer: SocketAddress?

    /// Makes an empty one that knows who has sent the request.
    ///
    /// - Parameter source: What the application makes request contexts of.
    public init(source: ApplicationRequestContextSource) {
        peer = source.channel.remoteAddress
    }

    /// Makes an empty one that does not know who has sent the request, so that no proxy is trusted.
    public init() {
        peer = nil
    }
}

extension MemcachedSessionContext: CustomStringConvertible, CustomReflectable {
    /// Whether there is a session.
    public var description: String { "MemcachedSessionContext(\(session.map { "\($0)" } ?? "empty"))" }
    /// Without children.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A request context with a session and nothing else of its own.
public struct BasicMemcachedSessionRequestContext: MemcachedSessionRequestContext {
    /// What Hummingbird keeps in every context.
    public var coreContext: CoreRequestContextStorage
    /// Where the middleware puts the session.
    public var sessionContext: MemcachedSessionContext

    /// Makes the context of a request.
    ///
    /// - Parameter source: What the application makes request contexts of.
    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        sessionContext = MemcachedSessionContext(source: source)
    }
}

/// A route asked for its session, and no ``MemcachedSessionMiddleware`` stands before it.
public struct MemcachedSessionMiddlewareMissing: Error, Hashable, CustomStringConvertible {
    /// What to do.
    public var description: String {
        "there is no session in this request's context; add MemcachedSessionMiddleware to the router or group before "
            + "the route"
    }
}
#endif
