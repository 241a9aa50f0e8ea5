/// What the points of a continuum are made from: how many a server has, how they are named, how they are hashed.
///
/// Source: `hosts.cc` (`update_continuum`) of libmemcached 1.1.4; `KetamaNodeLocator` and `KetamaNodeKeyFormatter` of
/// spymemcached.
struct ContinuumPlan {
    /// How points are counted and hashed.
    enum Points {
        /// So many names a server, each one point.
        case single(names: Int, hash: ServerSelection.KeyHash)
        /// So many names a server, each the four words of its MD5 digest.
        case quadruple(names: Int)
        /// As many names as the weight gives, each the four words of its MD5 digest.
        case byWeight
    }

    /// How the text before the number of a point is made.
    enum Names {
        case hostAndOddPort
        case hostAndPort
        case slashHostAndPort
    }

    let points: Points
    let names: Names
    let tie: Continuum.Tie
    let byteSign: ServerSelection.ByteSign

    /// The plan of a selection for these servers, or `nil` when its distribution has no continuum.
    init?(_ selection: ServerSelection, servers: [RingServer]) {
        let pointHash = selection.pointHash ?? selection.keyHash
        byteSign = selection.byteSign

        func points(_ weights: ServerSelection.Weights) -> Points {
            let areShared =
                switch weights {
                case .ignored: false
                case .shareOutPoints: true
                case .shareOutPointsIfAny: servers.contains { $0.weight > 1 }
                }
            return areShared ? .byWeight : .single(names: 100, hash: pointHash)
        }

        switch selection.distribution {
        case .modula, .virtualBuckets:
            return nil
        case .ketama(let weights):
            self.points = points(weights)
            names = .hostAndOddPort
            tie = .first
        case .spy(let weights):
            self.points = points(weights)
            names = .slashHostAndPort
            tie = .first
        case .spymemcached(let format, let weighted):
            if weighted {
                self.points = .byWeight
            } else {
                self.points = pointHash == .md5 ? .quadruple(names: 40) : .single(names: 160, hash: pointHash)
            }
            names = format == .libmemcached ? .hostAndOddPort : .hostAndPort
            tie = .last
        }
    }

    /// How many names a server gets for its weight; each is four points.
    ///
    /// Every step is rounded to `Float`, as the C clients do: in `Double` the counts differ, and with them the placement.
    ///
    /// - Parameters:
    ///   - weight: the weight of the server.
    ///   - total: the weights of all live servers together.
    ///   - live: the number of live servers.
    /// - Returns: 40 for an average weight (39 where rounding falls short), 0 for a very small one.
    static func nameCount(weight: Int, total: UInt64, live: Int) -> Int {
        let share = Float(weight) / Float(total)
        let names = share * 160 / 4 * Float(live) + 1e-10
        return Int(names)  // never negative, so cutting off the fraction rounds down
    }

    /// The continuum of the live servers.
    ///
    /// - Parameters:
    ///   - servers: all servers as given.
    ///   - order: their indices in the order of the list.
    ///   - ejected: the indices of those that get no points; not all of them.
    /// - Returns: the continuum. It has points: the heaviest server's share is at least the average one.
    func continuum(of servers: [RingServer], order: [Int], ejected: Set<Int>) -> Continuum {
        let live = servers.count - ejected.count
        var total: UInt64 = 0
        for index in order where !ejected.contains(index) { total &+= UInt64(servers[index].weight) }

        var values: [UInt64] = []
        values.reserveCapacity(live * 160)
        for (place, index) in order.enumerated() where !ejected.contains(index) {
            let server = servers[index]
            var name = Array(prefix(of: server).utf8)
            name.append(UInt8(ascii: "-"))
            let prefixCount = name.count

            func eachName(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
                for number in 0..<count {
                    name.removeSubrange(prefixCount...)
                    name.append(contentsOf: String(number).utf8)
                    name.withUnsafeBytes(body)
                }
            }
            func append(_ value: UInt32) { values.append(UInt64(value) &<< 32 | UInt64(place)) }
            func appendDigest(of name: UnsafeRawBufferPointer) {
                let digest = MD5(of: name)
                for word in 0..<4 { append(digest.words[word]) }
            }

            switch points {
            case .single(let count, let hash):
                eachName(count) { append(hash.hash(of: $0, byteSign: byteSign)) }
            case .quadruple(let count):
                eachName(count, appendDigest)
            case .byWeight:
                eachName(Self.nameCount(weight: server.weight, total: total, live: live), appendDigest)
            }
        }
        return Continuum(points: values, order: order, tie: tie)
    }

    private func prefix(of server: RingServer) -> String {
        if let name = server.pointName { return name }
        return switch names {
        case .hostAndOddPort:
            server.port == RingServer.defaultPort ? server.host : "\(server.host):\(server.port)"
        case .hostAndPort: "\(server.host):\(server.port)"
        case .slashHostAndPort: "/\(server.host):\(server.port)"
        }
    }
}
