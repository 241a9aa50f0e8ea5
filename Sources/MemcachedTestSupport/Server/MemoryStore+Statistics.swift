extension MemoryStore {
    /// The answers to STAT: one response for each statistic and one without a key at the end.
    ///
    /// As on memcached some groups are recognised by how they begin.
    mutating func statistics(_ request: RawFrame) throws(ServerRefusal) -> [RawFrame] {
        let group = String(decoding: request.key, as: UTF8.self)
        let statistics: [(String, String)]
        switch group {
        case "": statistics = general
        case _ where group.hasPrefix("settings"): statistics = settings
        case _ where group.hasPrefix("reset"):
            counters = [:]
            statistics = []
        case "detail on", "detail off": statistics = []
        case "detail dump": statistics = [("detailed", "END\r\n")]
        case "sizes": statistics = [("sizes_status", "disabled")]
        // What memcached tells here is about its slabs, of which there are none.
        case "items", "slabs": statistics = []
        default: throw .notFound
        }
        let answers = statistics.map { request.answer(key: Array($0.0.utf8), value: Array($0.1.utf8)) }
        return answers + [request.answer()]
    }

    private var general: [(String, String)] {
        let names = [
            "pid", "uptime", "time", "curr_connections", "total_connections", "cmd_get", "cmd_set", "cmd_flush",
            "cmd_touch", "get_hits", "get_misses", "touch_hits", "touch_misses", "auth_cmds", "auth_errors",
            "total_items",
        ]
        return names.map { ($0, String(counters[$0] ?? 0)) } + [
            ("version", limits.version),
            ("curr_items", String(count)),
            ("bytes", String(memory)),
            ("limit_maxbytes", String(limits.memory ?? Int(UInt32.max))),
        ]
    }

    private var settings: [(String, String)] {
        [
            ("maxbytes", String(limits.memory ?? Int(UInt32.max))),
            ("evictions", limits.memory == nil ? "on" : "off"),
            ("cas_enabled", limits.hasCAS ? "yes" : "no"),
            ("flush_enabled", limits.allowsFlush ? "yes" : "no"),
            ("item_size_max", String(limits.itemSize)),
            ("binding_protocol", "binary"),
        ]
    }
}
