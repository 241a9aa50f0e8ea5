/// The command line of the demonstration; what it means stands in `Scripts/demo`, which also explains it.
struct Arguments: Hashable, Sendable {
    /// No waiting: check everything and end.
    var isCheck = false
    /// Use the cache that the environment names.
    var isHosted = false
    /// The port of the page; 0 for a free one.
    var port = 0

    /// Reads the arguments without the program's name.
    init(_ arguments: [String]) throws(DemoError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--check": isCheck = true
            case "--hosted": isHosted = true
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
