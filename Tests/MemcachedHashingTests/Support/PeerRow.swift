/// A row of `peer_fixtures.jsonl`: either a hash or a selection.
enum PeerRow: Decodable, Sendable {
    case hash(HashRow)
    case selection(SelectionRow)

    private enum Keys: String, CodingKey {
        case type
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        switch try container.decode(String.self, forKey: .type) {
        case "hash": self = .hash(try HashRow(from: decoder))
        case "selection": self = .selection(try SelectionRow(from: decoder))
        case let type:
            throw DecodingError.dataCorruptedError(forKey: .type, in: container, debugDescription: "unknown: \(type)")
        }
    }

    var hash: HashRow? {
        guard case .hash(let row) = self else { return nil }
        return row
    }

    var selection: SelectionRow? {
        guard case .selection(let row) = self else { return nil }
        return row
    }
}
