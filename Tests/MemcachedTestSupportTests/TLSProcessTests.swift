import Foundation
import Testing

@testable import MemcachedTestSupport

@Suite(.timeLimit(.minutes(2))) struct TLSProcessTests {
    /// Made for these tests with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes
    /// -subj /CN=localhost -days 36500`; nothing else trusts it.
    private let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBfzCCASWgAwIBAgIUEprl681qnmqoHnqjxHYrBn94ArgwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEzMjAwN1oYDzIxMjYxMDI4
        MTMyMDA3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAR67Jfsd9+k5esaBwGIGFzTBgGWov5pVHN01OTn8ftLEux/TdkVbY6i
        bTJqFYKYXuLAQJRFQiEp0S4mSmBTlRuko1MwUTAdBgNVHQ4EFgQUTpDYNWEslOql
        UJ6L7HF5GKA/iNQwHwYDVR0jBBgwFoAUTpDYNWEslOqlUJ6L7HF5GKA/iNQwDwYD
        VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiB0d7ArjYlVfecZLaek7n39
        RtXt5Z5hUFCv9Ll7OtSunAIhAMWyXpqf1rPvYypHD3JLLDYsGxKbvbVI+UoqpLwC
        vRVn
        -----END CERTIFICATE-----

        """
    private let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNGFgtqrQIWNPsAy2
        Z8R3/SlpdVS5ABqDT5Q53OSQqBmhRANCAAR67Jfsd9+k5esaBwGIGFzTBgGWov5p
        VHN01OTn8ftLEux/TdkVbY6ibTJqFYKYXuLAQJRFQiEp0S4mSmBTlRuk
        -----END PRIVATE KEY-----

        """

    @Test func `a TLS server has a plain port for its launcher only`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (chain, privateKey) = (folder.appending(path: "chain.pem"), folder.appending(path: "key.pem"))
        try Data(certificate.utf8).write(to: chain)
        try Data(key.utf8).write(to: privateKey)
        let tls = MemcachedProcess.TLS(certificateChain: chain.path(), privateKey: privateKey.path())
        try await withMemcached(.init(tls: tls)) { server in
            #expect(server.address != server.plainAddress)
            let settings = try await server.stats("settings")
            #expect(settings["ssl_enabled"] == "yes")
            let plain = try await RawConnection.connect(to: server.plainAddress)
            #expect(try await plain.exchange(RawFrame(opcode: 0x0a)).status == 0)
            // Whatever a TLS server says to a stranger, it is no response of memcached.
            let stranger = try await RawConnection.connect(to: server.address)
            try await stranger.send(RawFrame(opcode: 0x0a).bytes)
            let answer = try await stranger.receiveToEnd()
            #expect(answer.first != RawFrame.responseMagic)
        }
    }

    @Test func `a certificate that is not there is an error with what memcached printed`() async throws {
        let tls = MemcachedProcess.TLS(certificateChain: "/no/such/chain.pem", privateKey: "/no/such/key.pem")
        let error = await #expect(throws: MemcachedTestSupportError.self) {
            try await MemcachedProcess.start(.init(tls: tls))
        }
        #expect(error?.code == .serverDidNotStart)
        #expect(error?.message.contains("/no/such/chain.pem") == true)
    }

    @Test func `all TLS options reach the command line`() {
        let tls = MemcachedProcess.TLS(
            certificateChain: "a",
            privateKey: "b",
            clientAuthorities: "c",
            extendedOptions: ["ssl_min_version=3"]
        )
        let expected = "ssl_chain_cert=a,ssl_key=b,ssl_ca_cert=c,ssl_verify_mode=2,ssl_min_version=3"
        #expect(tls.extendedOption == expected)
    }
}
