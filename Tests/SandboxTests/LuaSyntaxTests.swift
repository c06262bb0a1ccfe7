import Testing

@testable import Sandbox

@Suite struct LuaSyntaxTests {
    @Test(
        arguments: [
            "return", "", "kong.service.set_upstream('rec-up')",
            "local function f(...) return ... end",
            "return function() pcall(function() kong.log.set_serialize_value(\"a.b\", nil) end) end",
            "if a and not b then c = 1 elseif d ~= 2 then e() else f:g{h = 1, [2] = 3; 4} end",
            "for i = 1, 10, 2 do print(i) end for k, v in pairs(t) do t[k] = #v .. 'x' end",
            "while true do break end repeat local a, b = 1, 2 until a == b",
            "--[==[ long\ncomment ]==] local s = [[text]] -- rest",
            "ngx.ctx.a.b[1].c = (f or g)(1)('x') ; goto done ::done::",
            "local t = {['a'] = -1 ^ 2, b = function(x, y) return x, y end, }",
        ])
    func `Lua is taken`(_ source: String) {
        #expect(LuaSyntax.refusal(of: source) == nil)
    }

    @Test(
        arguments: [
            ("this is not lua", #"[string "this is not lua"]:1: '=' expected near 'is'"#),
            ("return func(", #"[string "return func("]:1: unexpected symbol near '<eof>'"#),
            ("if x then", #"[string "if x then"]:1: 'end' expected near '<eof>'"#),
            ("if x then\ny()\n",
             #"[string "if x then..."]:3: 'end' expected (to close 'if' at line 1) near '<eof>'"#),
            ("end", #"[string "end"]:1: '<eof>' expected near 'end'"#),
            ("x = 'a", #"[string "x = 'a"]:1: unfinished string near '<eof>'"#),
            ("local 1", #"[string "local 1"]:1: '<name>' expected near '1'"#),
        ])
    func `what is not Lua is refused in LuaJIT's words`(_ source: String, _ expected: String) {
        #expect(LuaSyntax.refusal(of: source) == expected)
    }

    @Test func `deep nesting is refused, not followed`() {
        let source = "x = " + String(repeating: "(", count: 100_000)
        #expect(LuaSyntax.refusal(of: source)?.contains("too many syntax levels") == true)
        let tables = "x = " + String(repeating: "{", count: 100_000)
        #expect(LuaSyntax.refusal(of: tables)?.contains("too many syntax levels") == true)
    }
}
