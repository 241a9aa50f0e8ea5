import MemcachedWire

/// The least that a user of the scanner has to do: keep what is incomplete and ask again with more.
struct ResponseReader {
    let scanner: ResponseScanner
    /// The headers of the frames consumed so far.
    private(set) var headers: [ResponseHeader] = []
    /// What the scanner said at last, when it was not a frame.
    private(set) var waiting: ResponseScanner.Scan
    /// What the scanner threw; it is not asked again after that.
    private(set) var failure: FramingError?
    private var received: [UInt8] = []
    private var consumed = 0

    init(maximumBodyBytes: Int = 64 << 20) {
        scanner = ResponseScanner(maximumBodyBytes: maximumBodyBytes)
        waiting = .incomplete(header: nil, missing: ResponseHeader.byteCount)
    }

    /// The bytes that are in no frame yet.
    var rest: ArraySlice<UInt8> { received[consumed...] }

    mutating func receive(_ chunk: some Collection<UInt8>) {
        received.append(contentsOf: chunk)
        while failure == nil {
            do throws(FramingError) {
                let scan = try scanner.scan(received.span.bytes.extracting(consumed..<received.count))
                guard case .frame(let header) = scan else {
                    waiting = scan
                    return
                }
                headers.append(header)
                consumed += header.frameLength
            } catch {
                failure = error
            }
        }
    }
}
