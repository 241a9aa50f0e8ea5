// A session as PHP stored it: read, changed, written for PHP again.
import PHPSessionCodec

/// Puts something into the cart of a PHP application.
func adding(_ item: String, to stored: [UInt8]) throws -> [UInt8] {
    // snippet.begin
    var session = try PHPSession(decoding: stored, format: .php)
    let count = session["cart", "items"]?.array?.count ?? 0
    session["cart", "items", .int(count)] = PHPValue(item)
    session["visits"] = PHPValue((session["visits"]?.intValue ?? 0) + 1)
    let changed = try session.encoded()
    // snippet.end
    return changed
}

let stored = #"user|O:4:"User":1:{s:4:"name";s:3:"Ann";}cart|a:1:{s:5:"items";a:1:{i:0;s:5:"apple";}}visits|i:41;"#
print(String(decoding: try adding("pear", to: Array(stored.utf8)), as: UTF8.self))
