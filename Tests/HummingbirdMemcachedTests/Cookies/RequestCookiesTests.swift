#if HummingbirdSupport
import Testing

@testable import HummingbirdMemcached

@Suite struct RequestCookiesTests {
    @Test(arguments: [
        (["PHPSESSID=abc"], "abc"),
        (["a=1; PHPSESSID=abc; b=2"], "abc"),
        (["a=1;PHPSESSID=abc"], "abc"),
        (["a=1", "PHPSESSID=abc"], "abc"),
        (["\tPHPSESSID = abc \t;"], "abc"),
        (["PHPSESSID="], ""),
        (["PHPSESSID=a=b"], "a=b"),
        (["PHPSESSID=a%2Cb%2cc-d"], "a,b,c-d"),
        (["PHPSESSID=100%"], "100%"),
        (["PHPSESSID=%2"], "%2"),
        (["PHPSESSID=%+1%zz"], "%+1%zz"),
    ])
    func `the value of the only cookie of a name`(headers: [String], value: String) {
        #expect(RequestCookies(headers).onlyValue(of: "PHPSESSID") == value)
    }

    @Test(arguments: [
        [],
        [""],
        [";;;"],
        ["PHPSESSID"],
        ["phpsessid=abc"],
        ["XPHPSESSID=abc; PHPSESSIDX=abc"],
        ["other=PHPSESSID=abc"],
    ])
    func `none`(headers: [String]) {
        #expect(RequestCookies(headers).onlyValue(of: "PHPSESSID") == nil)
    }

    @Test(arguments: [
        ["PHPSESSID=abc; PHPSESSID=def"],
        ["PHPSESSID=abc; PHPSESSID=abc"],
        ["PHPSESSID=abc", "PHPSESSID=def"],
        ["PHPSESSID=; PHPSESSID=def"],
        ["PHPSESSID=abc;x=1; PHPSESSID =def; PHPSESSID=ghi"],
    ])
    func `two of one name count as none`(headers: [String]) {
        #expect(RequestCookies(headers).onlyValue(of: "PHPSESSID") == nil)
    }
}
#endif
