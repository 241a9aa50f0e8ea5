import MemcachedWire

extension ResponseHeader {
    /// Whether extras and key are as long as the protocol has them in such a response.
    ///
    /// A hit has flags, 4 bytes, and only the K forms echo the key. With any other lengths the value would begin
    /// somewhere else, and nobody would notice.
    var hasFittingLengths: Bool {
        guard status == .success else { return true }
        switch opcode {
        case .get, .getQuiet, .getAndTouch, .getAndTouchQuiet:
            return extrasLength == 4 && keyLength == 0
        case .getKey, .getKeyQuiet, .getAndTouchKey, .getAndTouchKeyQuiet:
            return extrasLength == 4 && keyLength > 0
        default:
            return true
        }
    }
}
