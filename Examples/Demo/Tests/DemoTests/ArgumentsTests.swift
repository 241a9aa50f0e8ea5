import Testing

@testable import demo

struct ArgumentsTests {
    @Test func `without arguments it is a show on a free port`() throws {
        let arguments = try Arguments([])
        #expect(!arguments.isCheck && !arguments.isHosted && arguments.port == 0)
    }

    @Test func `options are read in any order`() throws {
        let arguments = try Arguments(["--port", "8000", "--hosted"])
        #expect(arguments.isHosted && arguments.port == 8000)
        #expect(try Arguments(["--check"]).isCheck)
    }

    @Test(arguments: [
        ["--port"], ["--port", "0"], ["--port", "65536"], ["--port", "-1"], ["--port", "x"], ["--chekc"], [""],
        ["--check", "--hosted"],
    ])
    func `what makes no sense is refused`(arguments: [String]) {
        #expect(throws: DemoError.self) { try Arguments(arguments) }
    }
}
