/// A type that is stored as JSON.
struct User: Codable, Hashable, Sendable {
    struct Address: Codable, Hashable, Sendable {
        var street: String
        var number: Int
    }

    var name: String
    var addresses: [Address]
    var notes: [String: Int]
    var score: Double?

    static let sample = User(
        name: "Ada",
        addresses: [Address(street: "Schloßallee", number: 7)],
        notes: ["a": 1],
        score: 0.1
    )
}

/// A type whose JSON is not an object.
enum Colour: String, Codable, Sendable {
    case red
    case green
}
