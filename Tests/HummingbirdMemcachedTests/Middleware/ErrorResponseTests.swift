#if HummingbirdSupport
import HTTPTypes
import HummingbirdMemcached
import MemcachedSessions
import Testing

@Suite struct ErrorResponseTests {
    @Test(arguments: [
        (MemcachedSessionError.Code.locked, 1), (.tooManyWaiters, 1), (.lockLost, 1), (.conflict, 1), (.lost, 1),
        (.cancelled, 1), (.unavailable, 5), (.refused, 5), (.unsafeServer, 5), (.unsaved, 5),
    ])
    func `what passes is answered with 503 and when to try again`(code: MemcachedSessionError.Code, seconds: Int) {
        let error = MemcachedSessionError(code, "a test")
        #expect(error.status == .serviceUnavailable)
        #expect(error.retryAfter == seconds)
    }

    @Test(arguments: [
        MemcachedSessionError.Code.tooLarge, .decodingFailed, .encodingFailed, .readOnly, .ended, .invalidConfiguration,
    ])
    func `what does not pass is answered with 500`(code: MemcachedSessionError.Code) {
        let error = MemcachedSessionError(code, "a test")
        #expect(error.status == .internalServerError)
        #expect(error.retryAfter == nil)
    }
}
#endif
