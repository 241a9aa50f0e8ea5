/// The command line of the demonstration.
struct Arguments: Hashable, Sendable {
    /// No waiting: check everything and end.
    var isCheck = false
    /// Use the cache that the environment names.
    var isHosted = false
    /// The port of the page; 0 for a free one.
    var port = 0
    /// Only explain.
    var wantsHelp = false

    static let help = """
        Usage: Scripts/demo [--check | --hosted] [--port N]

        Starts a private memcached with SASL and a throw-away user, and five web processes behind one address; prints the
        address and ten reloads of the page; Ctrl-C ends everything.

          --check     no waiting: also kills and restarts processes, and exits 0 only if no count was lost and nothing
                      was left running
          --hosted    uses the cache that MEMCACHIER_*, MEMCACHEDCLOUD_* or MEMCACHED_* name, under a random key prefix
                      that is deleted afterwards; without it these variables are ignored
          --port N    the port of the page, on the loopback address; a free one otherwise
          --help      this text
        """

    /// Reads the arguments without the program's name.
    init(_ arguments: [String]) throws(DemoError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--check": isCheck = true
            case "--hosted": isHosted = true
            case "-h", "--help": wantsHelp = true
            case "--port":
                guard let port = rest.popFirst().flatMap({ UInt16($0) }), port > 0 else {
                    throw DemoError("--port needs a number from 1 to 65535.")
                }
                self.port = Int(port)
            default:
                throw DemoError("There is no option \(argument).")
            }
        }
        if isCheck, isHosted {
            throw DemoError("--check never touches a hosted cache; choose --check or --hosted.")
        }
    }
}
