import HTTPTypes
import Hummingbird

/// A page in HTML.
///
/// Everything that comes from outside is escaped on its way in.
struct Page: Sendable {
    /// Shown by the browser's window.
    private var title: String
    /// HTML.
    private var content: String
    /// The colour of the page, in degrees.
    private var hue = 215

    /// The page that counts.
    static func count(_ visit: Visit) -> Page {
        Page(
            title: "Hello #\(visit.count)",
            content: """
                <h1>Hello <em>#\(visit.count)</em></h1>
                <p>from <strong>\(escape(visit.process))</strong>, process \(visit.pid)</p>
                <nav>
                <form action="/" method="get"><button autofocus>Reload</button></form>
                <form action="/logout" method="post"><button class="quiet">Log out</button></form>
                </nav>
                """,
            hue: hue(of: visit.process)
        )
    }

    /// The page after logging out.
    static func goodbye() -> Page {
        Page(
            title: "Goodbye",
            content: """
                <h1>Goodbye</h1>
                <p>Your session is gone from the cache, and so is its cookie.</p>
                <nav><form action="/" method="get"><button autofocus>Start again</button></form></nav>
                """
        )
    }

    /// A page that says what went wrong.
    static func error(_ error: ErrorPage) -> Page {
        Page(
            title: error.title,
            content: """
                <h1>\(escape(error.title))</h1>
                <p>\(escape(error.text))</p>
                <nav><form action="/" method="get"><button autofocus>Try again</button></form></nav>
                """,
            hue: 12
        )
    }

    /// The whole response.
    func response(status: HTTPResponse.Status = .ok) -> Response {
        // The style of this very page and nothing else: an injected one does not know the number.
        let nonce = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 16) }.joined()
        let policy =
            "default-src 'none'; style-src 'nonce-\(nonce)'; img-src data:; form-action 'self'; base-uri 'none'; "
            + "frame-ancestors 'none'"
        return Response(
            status: status,
            headers: [.contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html(nonce: nonce)))
        )
    }

    /// The whole page.
    ///
    /// - Parameter nonce: The number by which the content security policy knows the page's style.
    /// - Returns: HTML.
    func html(nonce: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Self.escape(title))</title>
        <link rel="icon" href="data:,">
        <style nonce="\(nonce)">
        :root { --hue: \(hue); }
        \(Self.style)
        </style>
        </head>
        <body>
        <main>
        \(content)
        </main>
        <footer>One visitor, many processes, one memcached.</footer>
        </body>
        </html>

        """
    }

    /// Replaces what means something in HTML.
    static func escape(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A colour for a process: neighbours in name lie far apart on the wheel.
    private static func hue(of process: String) -> Int {
        let sum = process.unicodeScalars.reduce(UInt32(0)) { $0 &* 31 &+ $1.value }
        return Int(sum % 360) * 137 % 360
    }

    private static let style = """
        :root { color-scheme: light dark; font: 17px/1.6 system-ui, sans-serif;
          --ink: hsl(var(--hue) 30% 16%); --paper: hsl(var(--hue) 45% 96%); --card: #fff;
          --accent: hsl(var(--hue) 65% 40%); --line: hsl(var(--hue) 30% 86%); }
        @media (prefers-color-scheme: dark) { :root {
          --ink: hsl(var(--hue) 25% 92%); --paper: hsl(var(--hue) 25% 9%); --card: hsl(var(--hue) 22% 14%);
          --accent: hsl(var(--hue) 70% 68%); --line: hsl(var(--hue) 20% 26%); } }
        * { box-sizing: border-box; }
        body { margin: 0; min-height: 100vh; display: grid; place-content: center; gap: 1.5rem; padding: 1.5rem;
          background: var(--paper); color: var(--ink); text-align: center; }
        main { background: var(--card); border: 1px solid var(--line); border-top: 6px solid var(--accent);
          border-radius: 14px; padding: 2.5rem clamp(1.5rem, 8vw, 5rem); box-shadow: 0 8px 30px hsl(var(--hue) 40% 20% / .08); }
        h1 { margin: 0; font-size: clamp(2.2rem, 9vw, 3.6rem); line-height: 1.1; letter-spacing: -.02em; }
        h1 em { font-style: normal; color: var(--accent); font-variant-numeric: tabular-nums; }
        p { margin: .8rem 0 0; }
        nav { display: flex; flex-wrap: wrap; justify-content: center; gap: .75rem; margin-top: 1.8rem; }
        button { font: inherit; font-weight: 600; padding: .55rem 1.4rem; border-radius: 999px; cursor: pointer;
          border: 1px solid var(--accent); background: var(--accent); color: var(--card); }
        button.quiet { background: none; color: var(--accent); }
        button:hover { filter: brightness(1.08); }
        button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
        footer { font-size: .85rem; opacity: .7; }
        """
}
