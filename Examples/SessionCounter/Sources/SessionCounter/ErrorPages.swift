import HTTPTypes
import Hummingbird
import Logging
import MemcachedSessions

/// Turns errors into pages.
///
/// None of them sets a cookie: the one that the browser has stays right.
struct ErrorPages<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as MemcachedSessionError {
            context.logger.warning("A visit was not counted: \(error)")
            return Self.page(for: error.code).response(asJSON: request.wantsJSON)
        } catch let error as any HTTPResponseError {
            let words = error.status.reasonPhrase
            return ErrorPage(status: error.status, title: words, text: "There is nothing to see here.")
                .response(asJSON: request.wantsJSON)
        } catch {
            context.logger.error("A visit failed: \(error)")
            return ErrorPage(status: .internalServerError, title: "Something broke", text: "This is our fault.")
                .response(asJSON: request.wantsJSON)
        }
    }

    /// What to tell a visitor.
    static func page(for code: MemcachedSessionError.Code) -> ErrorPage {
        switch code {
        case .locked, .tooManyWaiters, .lockLost, .conflict, .cancelled:
            ErrorPage(
                status: .serviceUnavailable,
                title: "Busy",
                text: "Another visit of yours was being counted. This one was not; try again.",
                retryAfter: 1
            )
        case .lost:
            ErrorPage(
                status: .serviceUnavailable,
                title: "Your session has ended",
                text: "It ran out or was logged out while this page was made. Reload to start a new one.",
                retryAfter: 1
            )
        case .unavailable, .refused, .unsafeServer, .unsaved:
            ErrorPage(
                status: .serviceUnavailable,
                title: "The cache is away",
                text: "The cache that keeps the count does not answer. Your session is left as it was.",
                retryAfter: 5
            )
        default:
            ErrorPage(
                status: .internalServerError,
                title: "Something broke",
                text: "The session could not be read or stored. It is left as it was."
            )
        }
    }
}

/// A page that says what went wrong.
struct ErrorPage: Sendable {
    var status: HTTPResponse.Status
    var title: String
    var text: String
    /// Seconds after which trying again makes sense; nil when it does not.
    var retryAfter: Int?

    /// The page, or the same in JSON.
    func response(asJSON: Bool) -> Response {
        // Title and status are ours and need no escaping in JSON.
        var response =
            asJSON
            ? Response.json("{\"error\":\"\(title)\",\"status\":\(status.code)}\n", status: status)
            : Page.error(self).response(status: status)
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        return response
    }
}
