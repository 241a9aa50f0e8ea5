import Testing

@testable import Memcached

@Suite struct MemcachedStatisticsTests {
    let statistics = MemcachedStatistics(values: [
        "curr_items": "42", "largest": "18446744073709551615", "too_large": "18446744073709551616", "negative": "-1",
        "rusage_user": "1.250000", "cas_enabled": "yes", "detail_enabled": "no", "on": "1", "off": "0",
        "version": "1.6.18",
        "empty": "",
    ])

    @Test func `a value is text`() {
        #expect(statistics["version"] == "1.6.18")
        #expect(statistics["empty"]?.isEmpty == true)
        #expect(statistics["missing"] == nil)
    }

    @Test func `a value may be a whole number`() {
        #expect(statistics.integer("curr_items") == 42)
        #expect(statistics.integer("largest") == .max)
        for name in ["too_large", "negative", "rusage_user", "version", "empty", "missing"] {
            #expect(statistics.integer(name) == nil)
        }
    }

    @Test func `a value may be a number`() {
        #expect(statistics.number("rusage_user") == 1.25)
        #expect(statistics.number("curr_items") == 42)
        for name in ["version", "empty", "missing", "cas_enabled"] { #expect(statistics.number(name) == nil) }
    }

    @Test func `a value may be a flag`() {
        #expect(statistics.flag("cas_enabled") == true)
        #expect(statistics.flag("on") == true)
        #expect(statistics.flag("detail_enabled") == false)
        #expect(statistics.flag("off") == false)
        for name in ["version", "empty", "missing", "curr_items"] { #expect(statistics.flag(name) == nil) }
    }

    @Test func `a group has its name on the wire, the general one none`() {
        #expect(MemcachedStatistics.Group.general.name == nil)
        #expect(MemcachedStatistics.Group.settings.name == "settings")
        #expect(MemcachedStatistics.Group("settings") == .settings)
        #expect(Set([MemcachedStatistics.Group.items, .slabs, .sizes, .settings, .general]).count == 5)
    }
}
