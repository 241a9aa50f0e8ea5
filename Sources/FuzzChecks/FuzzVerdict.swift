/// What a check says of one input.
package enum FuzzVerdict: Hashable, Sendable {
    /// The input means something.
    case accepted
    /// The input was refused in the way in which it should be.
    case refused
    /// A promise does not hold: which one.
    case broken(String)
}
