import Foundation

/// Runs work on a thread with the 512 KiB of stack that threads other than the main one have on Darwin.
func onSmallStack<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        let thread = Thread { continuation.resume(with: Swift.Result { try work() }) }
        thread.stackSize = 512 << 10
        thread.start()
    }
}
