extension Options {
    static let usage = """
        Usage: memcached-bench WORKLOAD [OPTION VALUE]…

        Prints a line of JSON for each repetition: operations, seconds, CPU seconds, context switches; for w6 also the
        latencies p50, p99, p999 in µs. Ends with status 1 when a reply is not what it should be.

          w1, w2      GET, SET of 100 B, one in flight         w6     GETs by --users tasks over --conns connections
          w3, w4      multi-get, multi-set of 100, per key     w7     connect, authenticate, GET, close
          w5          GET of --value bytes                     w7p    GET on an authenticated connection
          w5-10k, w5-100k, w5-1m, w6-N: with that --value      w8     a session: lock, read, write 1,000 B, unlock
                      or --conns                               w9     GET over TLS
          preload     stores the values that the others read, under bench:…

          --host, --port, --unix      the server               --reps N, --secs S, --warm S   5 repetitions of 0.3 s
          --servers LIST              several servers
          --user, --pass              SASL                     --ops N     exactly so many operations, once
          --tls, --ca FILE            TLS; without --ca any    --value B   bytes of a value
                      certificate is taken                     --keys N    1,000 keys, already stored
          --mode task | loop          calling tasks run on Swift's default executor, or on the client's event loop;
                      task-set and loop-set make w5 store
          --as text | bytes | item    what values are read as; text, for w5 and w8 bytes
        """

    /// Reads a command line without the program's name.
    ///
    /// - Throws: ``BenchmarkFailure`` that says what is wrong.
    init(parsing arguments: [String]) throws(BenchmarkFailure) {
        var rest = arguments[...]
        var name: String?
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else {
                guard name == nil else { throw BenchmarkFailure("\(argument): a workload was named already") }
                name = argument
                continue
            }
            if argument == "--tls" {
                usesTLS = Self.flag(&rest)
                continue
            }
            guard let value = rest.popFirst() else { throw BenchmarkFailure("\(argument) needs a value") }
            try set(argument, to: value)
        }
        guard let name else { throw BenchmarkFailure("no workload is named") }
        try choose(name)
    }

    /// `--tls` may stand alone or before a word.
    private static func flag(_ rest: inout ArraySlice<String>) -> Bool {
        switch rest.first {
        case "1", "true", "on", "yes":
            rest.removeFirst()
            return true
        case "0", "false", "off", "no":
            rest.removeFirst()
            return false
        default: return true
        }
    }

    private mutating func set(_ option: String, to value: String) throws(BenchmarkFailure) {
        switch option {
        case "--host": host = value
        case "--port": port = try Self.number(value, option, 1...UInt16.max)
        case "--unix": unix = value
        case "--servers": servers = value
        case "--user": user = value
        case "--pass": password = value
        case "--ca": authority = value
        case "--mode": try choose(mode: value)
        case "--as":
            guard let form = Form(rawValue: value) else { throw BenchmarkFailure("--as is text, bytes or item") }
            self.form = form
        case "--reps": repetitions = try Self.number(value, option, 1...1_000_000)
        case "--secs": seconds = try Self.seconds(value, option)
        case "--warm": warmUp = try Self.seconds(value, option)
        case "--ops": operations = try Self.number(value, option, 0...1_000_000_000_000)
        case "--value": valueBytes = try Self.number(value, option, 1...(1 << 26))
        case "--keys": keys = try Self.number(value, option, 100...1_000_000)
        case "--conns": connections = try Self.number(value, option, 1...256)
        case "--users": users = try Self.number(value, option, 1...1_000_000)
        default: throw BenchmarkFailure("\(option): no such option")
        }
    }

    private mutating func choose(mode name: String) throws(BenchmarkFailure) {
        switch name {
        case "", "task": mode = .task
        case "loop": mode = .loop
        case "set", "task-set": (mode, stores) = (.task, true)
        case "loop-set": (mode, stores) = (.loop, true)
        case "tls": usesTLS = true
        default: throw BenchmarkFailure("--mode is task, loop, task-set or loop-set, not \(name)")
        }
    }

    private mutating func choose(_ name: String) throws(BenchmarkFailure) {
        switch name {
        case "w1", "w7p": workload = valueBytes == 100 ? .get : .large
        case "w2": workload = .set
        case "w3": workload = .getMany
        case "w4": workload = .setMany
        case "w5": workload = .large
        case "w5-10k": (workload, valueBytes) = (.large, 10 << 10)
        case "w5-100k": (workload, valueBytes) = (.large, 100 << 10)
        case "w5-1m": (workload, valueBytes) = (.large, (1 << 20) - 100)
        case "w6": workload = .users
        case "w7": workload = .connect
        case "w8": workload = .session
        case "preload": workload = .preload
        case "w9": (workload, usesTLS) = (.get, true)
        default:
            guard name.hasPrefix("w6-") else { throw BenchmarkFailure("\(name): no such workload") }
            workload = .users
            connections = try Self.number(String(name.dropFirst(3)), name, 1...256)
        }
        guard !stores || workload == .large else { throw BenchmarkFailure("only w5 has a mode that stores") }
    }

    private static func number<Number: FixedWidthInteger>(
        _ text: String,
        _ option: String,
        _ range: ClosedRange<Number>
    ) throws(BenchmarkFailure) -> Number {
        guard let number = Number(text), range.contains(number) else {
            throw BenchmarkFailure("\(option) is a number from \(range.lowerBound) to \(range.upperBound), not \(text)")
        }
        return number
    }

    private static func seconds(_ text: String, _ option: String) throws(BenchmarkFailure) -> Double {
        guard let seconds = Double(text), (0...86_400).contains(seconds) else {
            throw BenchmarkFailure("\(option) is a number of seconds from 0 to 86400, not \(text)")
        }
        return seconds
    }
}
