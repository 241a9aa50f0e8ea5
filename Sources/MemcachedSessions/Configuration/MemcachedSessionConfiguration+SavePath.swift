import Memcached

extension MemcachedSessionConfiguration {
    /// Configures sessions from PHP's `session.save_path`.
    ///
    /// Two dialects are read: `PERSISTENT=myapp_session 10.0.0.1:11211,10.0.0.2:11211` of php-memcached 2, whose name
    /// becomes ``poolName``, and the bare list of php-memcached 3. Servers are `host`, `host:port`, `host:port:weight`,
    /// `[v6]:port` or the path of a unix socket; PHP's placement ignores their weights.
    ///
    /// - Parameter savePath: The setting's value.
    /// - Throws: ``MemcachedSessionError/Code/invalidConfiguration`` for what PHP's library would silently misread, naming
    ///   the element. Text before an `@` is shown as `<redacted>`.
    public init(savePath: String) throws(MemcachedSessionError) {
        let (name, list) = try Self.split(savePath)
        do throws(MemcachedError) {
            self.init(servers: try MemcachedServer.list(parsing: list))
        } catch {
            throw MemcachedSessionError(.invalidConfiguration, "save path: \(error.detail)", cause: error)
        }
        self.poolName = name
    }

    /// Splits a save path into the pool's name and the list of servers.
    private static func split(_ savePath: String) throws(MemcachedSessionError) -> (name: String?, list: String) {
        let keyword = "PERSISTENT="
        func fault(_ advice: String) -> MemcachedSessionError {
            MemcachedSessionError(.invalidConfiguration, "save path: \(advice)")
        }
        let text = savePath.trimmingBlanks()
        guard !text.isEmpty else { throw fault("it is empty; write host:port,host:port") }
        var name: String?
        var list = text
        if text.hasPrefix(keyword) {
            let rest = text.dropFirst(keyword.count)
            let id = rest.prefix { !$0.isWhitespace }
            guard !id.isEmpty else {
                throw fault("after PERSISTENT= the name is missing; write PERSISTENT=myapp_session host:port")
            }
            list = rest.dropFirst(id.count).trimmingBlanks()
            guard !list.isEmpty else {
                throw fault("after PERSISTENT=<name> the servers are missing; write a blank and host:port,host:port")
            }
            name = String(id)
        }
        guard !list.uppercased().contains(keyword) else {
            throw fault(
                "PERSISTENT=<name> has to stand at the very beginning, once, in capitals, with a blank after it"
            )
        }
        guard !list.uppercased().contains("SERVER=") else {
            throw fault("libmemcached's --SERVER= strings are not read; write host:port,host:port")
        }
        return (name, list)
    }
}
