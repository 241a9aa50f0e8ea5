import ArgumentParser

/// A time in seconds, with or without decimals, more than zero.
struct Seconds: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        guard let seconds = Double(argument), seconds > 0, seconds <= 31_536_000 else { return nil }
        duration = .milliseconds(Int64((seconds * 1_000).rounded(.up)))
    }
}
