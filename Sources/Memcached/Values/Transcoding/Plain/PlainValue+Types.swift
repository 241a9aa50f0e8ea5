import NIOCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension ByteBuffer: PlainValue {
    var plainForm: PlainForm { .bytes(self) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> ByteBuffer { try source.bytes() }
}

extension Array: PlainValue where Element == UInt8 {
    var plainForm: PlainForm { .bytes(ByteBuffer(bytes: self)) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> [UInt8] {
        Array(try source.bytes().readableBytesView)
    }
}

extension Data: PlainValue {
    var plainForm: PlainForm { .bytes(ByteBuffer(bytes: self)) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> Data {
        Data(try source.bytes().readableBytesView)
    }
}

extension String: PlainValue {
    var plainForm: PlainForm { .text(self) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> String { try source.text() }
}

extension Bool: PlainValue {
    var plainForm: PlainForm { .boolean(self) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> Bool { try source.boolean() }
}

extension PlainValue where Self: FixedWidthInteger {
    var plainForm: PlainForm { .integer(String(self), Int64(exactly: self)) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> Self { try source.integer(Self.self) }
}

extension Int: PlainValue {}
extension Int8: PlainValue {}
extension Int16: PlainValue {}
extension Int32: PlainValue {}
extension Int64: PlainValue {}
extension Int128: PlainValue {}
extension UInt: PlainValue {}
extension UInt8: PlainValue {}
extension UInt16: PlainValue {}
extension UInt32: PlainValue {}
extension UInt64: PlainValue {}
extension UInt128: PlainValue {}

extension PlainValue where Self: DecimalNumber {
    var plainForm: PlainForm { .number(DecimalText(self)) }

    static func read(from source: some PlainSource) throws(MemcachedError) -> Self { try source.number(Self.self) }
}

extension Double: PlainValue {}
extension Float: PlainValue {}
