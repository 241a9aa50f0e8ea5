import Memcached

extension ConnectionOptions {
    /// Runs a body with a client and ends the client afterwards, whatever happened.
    func withClient<Result>(_ body: (MemcachedClient) async throws -> Result) async throws -> Result {
        let client = try MemcachedClient(try configuration())
        do {
            let result = try await body(client)
            await client.shutdown()
            return result
        } catch {
            await client.shutdown(within: .zero)
            throw error
        }
    }

    /// Asks each server by itself, so that one that is down does not hide what the others say.
    ///
    /// What cannot be asked is told on standard error.
    ///
    /// - Parameter body: What to ask, with a client of this server alone.
    /// - Returns: The answers, in the order of the servers, and the status of the first failure.
    /// - Throws: ``Failure`` when the configuration makes no sense.
    func eachServer<Answer: Sendable>(
        _ body: @Sendable (MemcachedClient) async throws(MemcachedError) -> Answer
    ) async throws -> (answers: [(server: MemcachedServer, answer: Answer)], failure: ExitStatus?) {
        let configuration = try configuration()
        var answers: [(server: MemcachedServer, answer: Answer)] = []
        var failure: ExitStatus?
        for server in configuration.servers {
            var single = configuration
            single.servers = [server]
            do throws(MemcachedError) {
                let client = try MemcachedClient(single)
                let answer = try await body(client)
                await client.shutdown()
                answers.append((server, answer))
            } catch {
                Console.complain("\(error)")
                failure = failure ?? ExitStatus(error.code)
            }
        }
        return (answers, failure)
    }
}
