import HTTPTypes
import Hummingbird

/// Gives every response the headers that keep it out of caches, frames and guesses.
struct PageHeaders<Context: RequestContext>: RouterMiddleware {
    /// For everything that is no page: nothing may be loaded by it or frame it.
    static var contentSecurityPolicy: String {
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    private let headers: [HTTPField] = [
        ("Cache-Control", "no-store"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
    ]
    .compactMap { name, value in
        HTTPField.Name(name).map { HTTPField(name: $0, value: value) }
    }

    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for header in headers { response.headers[header.name] = header.value }
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = Self.contentSecurityPolicy
        }
        return response
    }
}
