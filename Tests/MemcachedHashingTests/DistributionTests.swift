import MemcachedHashing
import Testing

@Suite struct DistributionTests {
    @Test(
        arguments: [
            ("modula", false, .modula),
            ("modula", true, .modula),
            ("consistent", false, .ketama(weights: .ignored)),
            ("consistent", true, .ketama(weights: .shareOutPoints)),
            ("ketama", true, .ketama(weights: .shareOutPoints)),
            ("ketama_weighted", true, .ketama(weights: .shareOutPoints)),
            ("ketama_spy", false, .spy(weights: .ignored)),
            ("ketama_spy", true, .spy(weights: .shareOutPoints)),
            ("virtual_bucket", false, .virtualBuckets([2, 0])),
            ("spymemcached", false, .spymemcached(.hostAndPort, weighted: false)),
            ("random", false, nil),
            ("", false, nil),
        ] as [(String, Bool, ServerSelection.Distribution?)]
    )
    func `a distribution is known by libmemcached's name`(
        name: String,
        weighted: Bool,
        distribution: ServerSelection.Distribution?
    ) {
        #expect(ServerSelection.Distribution(named: name, weighted: weighted, buckets: [2, 0]) == distribution)
    }

    @Test(
        arguments: [
            (.modula, .oneAtATime), (.ketama(weights: .ignored), .oneAtATime),
            (.ketama(weights: .shareOutPoints), .md5),
            (.ketama(weights: .shareOutPointsIfAny), .oneAtATime), (.spy(weights: .shareOutPoints), .md5),
            (.virtualBuckets([]), .oneAtATime),
        ] as [(ServerSelection.Distribution, ServerSelection.KeyHash)]
    )
    func `a distribution sets the hash that libmemcached's sets`(
        distribution: ServerSelection.Distribution,
        hash: ServerSelection.KeyHash
    ) {
        #expect(ServerSelection.libmemcached(distribution).keyHash == hash)
        #expect(ServerSelection.libmemcached(distribution, hash: .murmur).keyHash == .murmur)
    }
}
