extension MemcachedServer {
    /// Reads one server: `host`, `host:port`, `host:port:weight`, `host:port weight`, `[v6]:port` or `/path`.
    ///
    /// The syntax is libmemcached's. What libmemcached takes and silently misunderstands is an error here: a scheme,
    /// `user:password@`, a port outside 1…65535, an IPv6 address without brackets and with a port, a weight of 0.
    ///
    /// - Parameter text: The server; blanks around it are ignored.
    /// - Throws: ``MemcachedError`` with code ``MemcachedError/Code/invalidConfiguration`` that names the element.
    ///   Text before an `@` is shown as `<redacted>`.
    public init(parsing text: String) throws(MemcachedError) {
        let element = text.trimmingBlanks()
        func fault(_ reason: String) -> MemcachedError {
            MemcachedError(.invalidConfiguration, "server \"\(Self.redacted(element))\": \(reason)")
        }
        guard !element.isEmpty else { throw fault("it is empty; write host:port, or /path for a unix socket") }
        guard !element.contains(where: { $0.isNewline || $0 == "\0" }) else {
            throw fault("it holds a control character")
        }
        guard !element.contains("@") else {
            throw fault("credentials do not belong into a server's address; set user name and password beside it")
        }
        guard !element.contains("://") else {
            throw fault("write it without a scheme, as host:port, or /path for a unix socket")
        }
        guard !element.contains(";") else { throw fault("separate servers with a comma, not a semicolon") }

        let host: Substring
        var rest: Substring
        if element.hasPrefix("[") {
            guard let end = element.firstIndex(of: "]") else { throw fault("the bracket of an IPv6 address is open") }
            host = element[...end]
            rest = element[element.index(after: end)...]
            guard host.count > 2 else { throw fault("there is no address between the brackets") }
            guard rest.isEmpty || rest.first == ":" || rest.first == " " else {
                throw fault("after an IPv6 address write :port")
            }
        } else {
            let end = element.firstIndex(where: { $0 == ":" || $0 == " " || $0 == "\t" }) ?? element.endIndex
            host = element[..<end]
            rest = element[end...]
        }
        guard !host.isEmpty else {
            throw fault("the host is missing; write an IPv6 address in brackets, as [::1]:11211")
        }

        var port: UInt16?
        if rest.first == ":" {
            rest = rest.dropFirst()
            let end = rest.firstIndex(where: { $0 == ":" || $0 == " " || $0 == "\t" }) ?? rest.endIndex
            let digits = rest[..<end]
            let isSocket = host.hasPrefix("/")
            guard let number = UInt16(decimalDigits: digits), isSocket || number > 0 else {
                throw fault("the port has to be a number from 1 to 65535")
            }
            port = number
            rest = rest[end...]
        }
        var weight: UInt32 = 1
        if let separator = rest.first {
            let digits = separator == ":" ? rest.dropFirst() : rest.drop(while: { $0 == " " || $0 == "\t" })
            guard let number = UInt32(decimalDigits: digits), number > 0 else {
                throw fault(
                    separator == ":"
                        ? "the weight has to be a number from 1; write an IPv6 address in brackets, as [::1]:11211"
                        : "what follows the blank is not a weight; separate servers with a comma"
                )
            }
            weight = number
        }

        self.weight = weight
        if host.hasPrefix("/") {
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
        var servers: [MemcachedServer] = []
        for element in text.split(separator: ",", omittingEmptySubsequences: false) {
            servers.append(try MemcachedServer(parsing: String(element)))
        }
        return servers
    }

    /// An element as errors may show it: without what stands before an `@`.
    private static func redacted(_ element: String) -> String {
        guard let at = element.lastIndex(of: "@") else { return element }
        return "<redacted>" + element[at...]
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
    /// The text without white space at its ends.
    package func trimmingBlanks() -> String {
        var slice = self[startIndex..<endIndex]
        while let first = slice.first, first.isWhitespace { slice = slice.dropFirst() }
        while let last = slice.last, last.isWhitespace { slice = slice.dropLast() }
        return String(slice)
    }
}
