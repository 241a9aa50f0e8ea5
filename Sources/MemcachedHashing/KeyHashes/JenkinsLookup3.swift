/// Bob Jenkins' lookup3 in its little-endian form, with libmemcached's initial value.
///
/// Source: B. Jenkins, `lookup3.c`, May 2006 (public domain), function `hashlittle`.
func jenkinsLookup3(_ key: UnsafeRawBufferPointer) -> UInt32 {
    let initialValue: UInt32 = 13
    let start = 0xdead_beef &+ UInt32(truncatingIfNeeded: key.count) &+ initialValue
    guard !key.isEmpty else { return start }

    var state = JenkinsState(a: start, b: start, c: start)
    var offset = 0
    while key.count - offset > 12 {
        state.add(key, at: offset)
        state.mix()
        offset += 12
    }
    state.add(key, at: offset)
    state.finish()
    return state.c
}

/// The three words that lookup3 mixes.
private struct JenkinsState {
    var a: UInt32
    var b: UInt32
    var c: UInt32

    /// Adds the next twelve bytes, or zeros where the key has ended.
    @inline(__always)
    mutating func add(_ key: UnsafeRawBufferPointer, at offset: Int) {
        a &+= key.partialWord(at: offset)
        b &+= key.partialWord(at: offset + 4)
        c &+= key.partialWord(at: offset + 8)
    }

    /// The reversible mixing step between two blocks.
    @inline(__always)
    mutating func mix() {
        a = (a &- c) ^ c.rotatedLeft(by: 4)
        c &+= b
        b = (b &- a) ^ a.rotatedLeft(by: 6)
        a &+= c
        c = (c &- b) ^ b.rotatedLeft(by: 8)
        b &+= a
        a = (a &- c) ^ c.rotatedLeft(by: 16)
        c &+= b
        b = (b &- a) ^ a.rotatedLeft(by: 19)
        a &+= c
        c = (c &- b) ^ b.rotatedLeft(by: 4)
        b &+= a
    }

    /// The last step, after which every bit of the key has reached every bit of `c`.
    @inline(__always)
    mutating func finish() {
        c = (c ^ b) &- b.rotatedLeft(by: 14)
        a = (a ^ c) &- c.rotatedLeft(by: 11)
        b = (b ^ a) &- a.rotatedLeft(by: 25)
        c = (c ^ b) &- b.rotatedLeft(by: 16)
        a = (a ^ c) &- c.rotatedLeft(by: 4)
        b = (b ^ a) &- a.rotatedLeft(by: 14)
        c = (c ^ b) &- b.rotatedLeft(by: 24)
    }
}
