/// Cuts what a client sends into requests and finds what is wrong with them, as memcached does.
///
/// memcached decides on a request as soon as header, extras and key are there; what it does then with the rest of a
/// malformed one is its own way, copied here because clients have to live with it: an unknown opcode with extras or a
/// key makes it swallow as many bytes *more* as the body has, and the value of a TOUCH is taken for the next request.
struct RequestReader: Sendable {
    /// The most bytes of header, extras and key that memcached reads; with more it just closes.
    private static let longestHead = 16_384
    private static let longestKey = 250
    /// The longest authentication data; longer ones are refused as "out of memory".
    private static let longestSASLData = 524_288

    /// What comes next.
    enum Step: Hashable, Sendable {
        /// A well-formed request, whole.
        case request(ServerCommand, isQuiet: Bool, RawFrame)
        /// The head of a request to store a value that is larger than any item; the value has been thrown away.
        case oversized(ServerCommand, RawFrame)
        /// An answer to a request that is not even looked into, after which the connection may be closed.
        case refused(RawFrame, closes: Bool)
        /// A line on a connection that has turned out to speak the text protocol.
        case textLine
        /// The stream makes no sense any more: close, and lose the answers that are not on their way yet.
        case lost
    }

    private enum Language {
        case unknown
        case binary
        case text
    }

    private let itemSize: Int
    private let hasSASL: Bool
    private var pending = ByteQueue()
    private var language = Language.unknown
    /// How many bytes are still to be thrown away, and what comes after that.
    private var swallow = 0
    private var afterSwallow: Step?
    private var isOver = false

    /// Starts at the beginning of a connection.
    /// - Parameters:
    ///   - itemSize: The size of the largest item.
    ///   - hasSASL: Whether clients have to authenticate.
    init(itemSize: Int, hasSASL: Bool) {
        self.itemSize = itemSize
        self.hasSASL = hasSASL
    }

    /// Takes what has come.
    mutating func append(_ bytes: some Collection<UInt8>) {
        pending.append(bytes)
    }

    /// Finds the next step.
    /// - Parameter isAuthenticated: Whether the client may use all commands.
    /// - Returns: Nil if more bytes are needed, or if the connection is over.
    mutating func next(isAuthenticated: Bool) -> Step? {
        guard !isOver else { return nil }
        if swallow > 0 || afterSwallow != nil {
            let count = min(swallow, pending.count)
            pending.removeFirst(count)
            swallow -= count
            guard swallow == 0 else { return nil }
            defer { afterSwallow = nil }
            if let afterSwallow { return afterSwallow }
        }
        guard let first = pending.first else { return nil }
        if language == .unknown { language = first == RawFrame.requestMagic ? .binary : .text }
        let step = language == .binary ? nextRequest(isAuthenticated) : nextLine()
        switch step {
        case .lost, .refused(_, closes: true): isOver = true
        default: break
        }
        return step
    }

    private mutating func nextLine() -> Step? {
        guard !hasSASL else {
            // No text where SASL is demanded: silence, then the end.
            return pending.count >= RawFrame.headerLength ? .lost : nil
        }
        guard let end = pending.bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        pending.removeFirst(end + 1 - pending.bytes.startIndex)
        return .textLine
    }

    private mutating func nextRequest(_ isAuthenticated: Bool) -> Step? {
        guard pending.count >= RawFrame.headerLength else { return nil }
        let header = RawFrame(header: Array(pending.slice(0..<RawFrame.headerLength)), body: [])
        guard header.magic == RawFrame.requestMagic else { return .lost }
        let extras = Int(header.extrasLength)
        let key = Int(header.keyLength)
        let body = Int(header.bodyLength)
        let headLength = RawFrame.headerLength + extras + key
        guard headLength <= Self.longestHead else { return .lost }
        guard pending.count >= headLength else { return nil }

        guard key + extras <= body else { return .refused(header.refusal(.unknownCommand), closes: true) }
        let entry = ServerCommand.table[header.opcode]
        guard !hasSASL || isAuthenticated || entry?.command.isOpenToAll == true else {
            return .refused(header.refusal(.authentication), closes: true)
        }
        guard key <= Self.longestKey else { return .refused(header.refusal(.invalidArguments), closes: true) }
        guard let (command, isQuiet) = entry else { return refuseUnknown(header, headLength: headLength) }
        if !hasSASL, [.listMechanisms, .authenticate, .step].contains(command) {
            return refuse(header.refusal(.unknownCommand), headLength, swallowing: body - key - extras)
        }
        let value = body - key - extras
        guard command.accepts(extras: extras, key: key, value: value) else {
            return .refused(header.refusal(.invalidArguments), closes: true)
        }
        if command.stores, isTooLarge(command, key: key, value: value) {
            let head = RawFrame(header: header.bytes, body: Array(pending.slice(RawFrame.headerLength..<headLength)))
            afterSwallow = .oversized(command, head)
            pending.removeFirst(headLength)
            swallow = value
            return next(isAuthenticated: isAuthenticated)
        }
        if [.authenticate, .step].contains(command), value > Self.longestSASLData {
            return refuse(header.refusal(.outOfMemory), headLength, swallowing: value)
        }
        let length = command.readsValue ? RawFrame.headerLength + body : headLength
        guard pending.count >= length else { return nil }
        let request = RawFrame(
            header: header.bytes,
            body: Array(pending.slice(RawFrame.headerLength..<length))
        )
        pending.removeFirst(length)
        return .request(command, isQuiet: isQuiet, request)
    }

    /// Refuses an unknown opcode as memcached does.
    ///
    /// Header, extras and key are gone already, then as many bytes as the whole body has are thrown away. Lengths of
    /// 2 GiB and more are negative there and throw nothing away.
    private mutating func refuseUnknown(_ header: RawFrame, headLength: Int) -> Step? {
        let count = header.bodyLength > UInt32(Int32.max) ? 0 : Int(header.bodyLength)
        return refuse(header.refusal(.unknownCommand), headLength, swallowing: count)
    }

    /// Refuses a request and throws bytes away before the answer goes.
    private mutating func refuse(_ answer: RawFrame, _ headLength: Int, swallowing count: Int) -> Step? {
        pending.removeFirst(headLength)
        afterSwallow = .refused(answer, closes: false)
        swallow = count
        return next(isAuthenticated: true)
    }

    private func isTooLarge(_ command: ServerCommand, key: Int, value: Int) -> Bool {
        let hasFlags = command == .set || command == .add || command == .replace
        let extras = Array(pending.slice(RawFrame.headerLength..<RawFrame.headerLength + 4))
        let flags: UInt32 = hasFlags ? extras.integer(at: 0) : 0
        return MemoryStore.size(key: key, value: value, flags: flags) > itemSize
    }
}
