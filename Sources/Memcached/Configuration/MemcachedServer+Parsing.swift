extension MemcachedServer {
    /// Reads one server: `host`, `host:port`, `host:port:weight`, `host:port weight`, `[v6]:port` or `/path`.
    ///
    /// The syntax is libmemcached's. What libmemcached takes and silently misunderstands is an error here: a scheme,
    /// `user:password@`, a port outside 1…65535, an IPv6 address without brackets and with a port, a weight of 0 or
    /// without a port before it, and libmemcached's options (`--SERVER=`).
    ///
    /// - Parameter text: The server; blanks around it are ignored.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names the element.
    ///   Text before an `@` is shown as `<redacted>`.
    public init(parsing text: String) throws(MemcachedError) {
        let element = text.trimmingBlanks()
        func fault(_ reason: String) -> MemcachedError {
            MemcachedError(.invalidConfiguration, "server \"\(Self.presentable(element))\": \(reason)")
        }
        guard !element.isEmpty else { throw fault("it is empty; write host:port, or /path for a unix socket") }
        guard !element.unicodeScalars.contains(where: { $0 != "\t" && $0.isControl }) else {
            throw fault("it holds a control character")
        }
        guard !element.unicodeScalars.contains("@") else { throw Self.credentialsInServer(element) }
        guard !element.contains("://") else {
            throw fault("write it without a scheme, as host:port, or /path for a unix socket")
        }
        guard !element.unicodeScalars.contains(";") else {
            throw fault("separate servers with a comma, not a semicolon")
        }
        guard !element.hasPrefix("--"), !element.hasPrefix("/?") else {
            throw fault(
                "options of libmemcached are read by MemcachedConfiguration(servers:), as the whole of its text; here "
                    + "write host:port, or /path for a unix socket"
            )
        }

        // Scalars, not characters: a colon with a combining mark behind it is still a colon.
        let scalars = element.unicodeScalars
        let host: Substring.UnicodeScalarView
        var rest: Substring.UnicodeScalarView
        if scalars.first == "[" {
            guard let end = scalars.firstIndex(of: "]") else { throw fault("the bracket of an IPv6 address is open") }
            host = scalars[...end]
            rest = scalars[scalars.index(after: end)...]
            guard host.count > 2 else { throw fault("there is no address between the brackets") }
            guard rest.isEmpty || rest.first == ":" || rest.first == " " else {
                throw fault("after an IPv6 address write :port")
            }
        } else {
            let end = scalars.firstIndex(where: { $0 == ":" || $0 == " " || $0 == "\t" }) ?? scalars.endIndex
            host = scalars[..<end]
            rest = scalars[end...]
        }
        guard let last = host.last else {
            throw fault("the host is missing; write an IPv6 address in brackets, as [::1]:11211")
        }
        // Of other kinds than the blank and the tab, which have ended the host: by itself it would be trimmed.
        guard !last.properties.isWhitespace else {
            throw fault("between the host and the port is white space that is no part of either; remove it")
        }

        var port: UInt16?
        if rest.first == ":" {
            rest = rest.dropFirst()
            let end = rest.firstIndex(where: { $0 == ":" || $0 == " " || $0 == "\t" }) ?? rest.endIndex
            let digits = rest[..<end]
            let isSocket = host.first == "/"
            guard let number = UInt16(decimalDigits: Substring(digits)), isSocket || number > 0 else {
                throw fault("the port has to be a number from 1 to 65535")
            }
            port = number
            rest = rest[end...]
        }
        var weight: UInt32 = 1
        if let separator = rest.first {
            let digits = separator == ":" ? rest.dropFirst() : rest.drop(while: { $0 == " " || $0 == "\t" })
            guard port != nil else {
                throw fault("after a blank comes a weight, and before it a port; separate servers with a comma")
            }
            guard let number = UInt32(decimalDigits: Substring(digits)), number > 0 else {
                throw fault(
                    separator == ":"
                        ? "the weight has to be a number from 1; write an IPv6 address in brackets, as [::1]:11211"
                        : "what follows the blank is not a weight; separate servers with a comma"
                )
            }
            weight = number
        }

        self.weight = weight
        if host.first == "/" {
            self.address = .unix(path: String(host))
        } else {
            self.address = .tcp(host: String(host), port: port ?? Self.defaultPort)
        }
    }

    /// Reads a list of servers, separated by commas with or without blanks after them.
    ///
    /// - Parameter text: The list.
    /// - Returns: The servers in their order, at least one.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration``, also for an empty element.
    public static func list(parsing text: String) throws(MemcachedError) -> [MemcachedServer] {
        let elements = text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0) }
        // Before all others: a password with a comma in it makes the element before the `@` look like a server. The last
        // one: with an `@` and a comma in a password an earlier one would show a part of it.
        if let element = elements.last(where: { $0.unicodeScalars.contains("@") }) {
            _ = try MemcachedServer(parsing: element)
        }
        var servers: [MemcachedServer] = []
        for element in elements { servers.append(try MemcachedServer(parsing: element)) }
        return servers
    }

    /// The refusal of credentials, which are not shown.
    static func credentialsInServer(_ element: String) -> MemcachedError {
        MemcachedError(
            .invalidConfiguration,
            "server \"\(presentable(element))\": credentials do not belong into a server's address; set user name and "
                + "password beside it"
        )
    }

    /// An element as errors may show it: without what stands before an `@`, on one line, of bounded length.
    private static func presentable(_ element: String) -> String {
        let longest = 200
        var scalars = element.unicodeScalars[...]
        var shown = ""
        if let at = scalars.lastIndex(of: "@") {
            scalars = scalars[at...]
            shown = "<redacted>"
        }
        for scalar in scalars.prefix(longest) { shown.unicodeScalars.append(scalar.isControl ? "?" : scalar) }
        return scalars.count > longest ? shown + "…" : shown
    }
}

extension Unicode.Scalar {
    /// Whether it moves a cursor instead of showing something: C0, C1, DEL, line and paragraph separators.
    var isControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension FixedWidthInteger {
    /// Reads plain decimal digits: no sign, no blanks, no overflow.
    package init?(decimalDigits digits: some StringProtocol) {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        self.init(String(digits), radix: 10)
    }
}

extension StringProtocol {
    /// The text without white space at its ends; a mark on a blank is no white space.
    package func trimmingBlanks() -> String {
        var slice = String(self).unicodeScalars[...]
        while let first = slice.first, first.properties.isWhitespace { slice.removeFirst() }
        while let last = slice.last, last.properties.isWhitespace { slice.removeLast() }
        return String(slice)
    }
}
