/// What a run does, and what it has to reach before it may end.
package struct SoakSettings: Sendable {
    /// What decides everything random: a run with the same seed takes the same decisions.
    ///
    /// What meets what still depends on how the machine schedules tasks, so a failure may take some runs to come back.
    package var seed: UInt64
    /// How many operations have to have been answered, at least.
    package var operations: Int
    /// How long to go on at least.
    package var duration: Duration
    /// When to end although not everything wanted was reached.
    package var longest: Duration
    /// How long a round lasts before everything comes to rest and is compared with what the servers have.
    package var round = Duration.seconds(3)
    /// Tasks on the client of two servers, and on the client of the server that demands SASL.
    package var workers = (plain: 80, sasl: 20)
    /// How many keys each task has.
    package var keysPerWorker = 12
    /// How long an operation may go on after its deadline or the cancellation of its task.
    ///
    /// The client's own timers are exact to a millisecond; the rest is for a machine with more to do than processors.
    package var slack = Duration.seconds(3)
    /// By how many bytes the process's resident memory may grow after the first round.
    package var growth = 256 << 20

    /// A run that ends when both the number of operations and the time have been reached.
    package init(seed: UInt64, operations: Int = 0, duration: Duration = .zero, longest: Duration? = nil) {
        self.seed = seed
        self.operations = operations
        self.duration = duration
        self.longest = longest ?? duration + .seconds(600)
    }
}
