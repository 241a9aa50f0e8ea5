import PHPSessionCodec

/// Random sessions in PHP's text formats, full of references; about half of them are right.
struct RandomSessions {
    private var state: UInt64
    private var slots = 0
    /// The first slot that references point to; PHP makes no sense of one to the root of php_serialize.
    private var firstTarget = 1

    init(seed: UInt64) { state = seed }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private mutating func random(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, bound)))
    }

    private mutating func pick(_ texts: [String]) -> String { texts[random(texts.count)] }

    mutating func session(_ format: PHPSessionFormat) -> [UInt8] {
        slots = format == .phpSerialize ? 1 : 0
        firstTarget = slots + 1
        var names = ["a", "b", "c", "x y", "é"].shuffled(by: random(120))
        names.removeLast(random(4) + 1)
        let variables = names.map { name in
            let value = value(0)
            switch format {
            case .phpSerialize: return "s:\(name.utf8.count):\"\(name)\";\(value)"
            case .phpBinary: return String(decoding: [UInt8(name.utf8.count)], as: UTF8.self) + name + value
            default: return "\(name)|\(value)"
            }
        }
        let text = variables.joined()
        return Array((format == .phpSerialize ? "a:\(names.count):{\(text)}" : text).utf8)
    }

    private mutating func value(_ depth: Int) -> String {
        let choice = random(20)
        if choice < 2, slots > 1 { return "R:\(firstTarget + random(slots - firstTarget + 1));" }
        if choice == 2, slots > 1 {
            slots += 1
            return "r:\(firstTarget + random(slots - firstTarget));"
        }
        if choice < 7 { return scalar() }
        if depth > 4 { return scalar() }
        slots += 1
        let count = random(4)
        if random(5) > 1 {
            return "a:\(count):{\(members(["i:0;", "i:-7;", #"s:1:"k";"#, #"s:2:"01";"#], count, depth))}"
        }
        let names = [#"s:1:"p";"#, #"s:1:"q";"#, "s:4:\"\0*\0r\";", "s:6:\"\0Foo\0s\";"]
        let head = pick([#"O:8:"stdClass""#, #"O:3:"Foo""#])
        return "\(head):\(count):{\(members(names, count, depth))}"
    }

    private mutating func members(_ keys: [String], _ count: Int, _ depth: Int) -> String {
        keys.shuffled(by: random(24)).prefix(count).map { $0 + value(depth + 1) }.joined()
    }

    private mutating func scalar() -> String {
        slots += 1
        return pick([
            "N;", "b:1;", "b:0;", "i:\(random(1_000) - 500);", "i:+0\(random(9));", "i:9223372036854775808;",
            "d:\(random(1_000)).\(random(1_000));", "d:-1.5E-\(random(400));", "d:INF;", "d:NAN;", "d:.5;",
            #"s:0:"";"#, #"s:3:"a|b";"#, #"s:2:"é";"#, "s:1:\"\0\";", #"S:2:"a\62";"#, "s:1:x;", "i:1.5;",
        ])
    }
}

extension Array {
    /// One of the orders of the elements, chosen by a number.
    fileprivate func shuffled(by number: Int) -> [Element] {
        var rest = self
        var number = number
        var result: [Element] = []
        while !rest.isEmpty {
            result.append(rest.remove(at: number % rest.count))
            number /= 2
        }
        return result
    }
}
