import Rollouts
import Testing

@testable import Gateway

@Suite struct SlimFunctionTests {
    @Test func `each chunk begins with the line by which it is known`() {
        let phases = SlimFunction(cut: .slim, score: .jsonField("score")).phases
        #expect(phases.keys.sorted() == ["body_filter", "header_filter"])
        for text in phases.values.joined() {
            #expect(text.hasPrefix("-- kong-rollouts slim 1; score=json:score\n"))
        }
        let header = SlimFunction(cut: .slim, score: .header("x-model-score")).phases
        #expect(
            header["header_filter"]?.first?.hasPrefix(
                "-- kong-rollouts slim 1; score=header:x-model-score\n") == true)
        #expect(header["body_filter"] == nil)
        let none = SlimFunction(cut: .whole, score: nil).phases
        #expect(
            none["header_filter"]?.first?.hasPrefix("-- kong-rollouts whole 1; score=none\n")
                == true)
        #expect(SlimFunction.wrote(phases) && SlimFunction.wrote(none))
        #expect(!SlimFunction.wrote(["access": ["kong.log('x')"]]))
        #expect(!SlimFunction.wrote([:]))
    }

    @Test func `a name can end neither the first line nor a literal`() {
        let field = "a\nerror(\"x\")--]]\\"
        for source in [ScoreSource.jsonField(field), .header(field)] {
            for text in SlimFunction(cut: .slim, score: source).phases.values.joined() {
                #expect(!text.split(separator: "\n").contains { $0.hasPrefix("error") })
            }
        }
    }
}

/// What the Lua does where there is something to run it.
@Suite(
    .enabled(
        if: LuaRun.interpreter != nil,
        "needs luajit or lua5.1, such as Debian's package luajit"))
struct SlimFunctionRunTests {
    private static let slim = (SlimFunction.fields + SlimFunction.names).map { "\($0)=nil" }
    private static let answered = """
        ngx.ctx.balancer_data =
          { balancer_handle = { address = { target = { target = "v7:80" } } } }
        """

    @Test func `a record is cut short and tells its target`() throws {
        let records = try LuaRun.records(
            of: SlimFunction(cut: .slim, score: nil).phases, world: Self.answered)
        #expect(records == Self.slim + ["target=v7:80"])
    }

    @Test func `a record by which Kong counts too keeps its names`() throws {
        let records = try LuaRun.records(
            of: SlimFunction(cut: .named, score: nil).phases, world: Self.answered)
        #expect(records == SlimFunction.fields.map { "\($0)=nil" } + ["target=v7:80"])
    }

    @Test func `a record that others read too stays whole`() throws {
        let records = try LuaRun.records(
            of: SlimFunction(cut: .whole, score: nil).phases, world: Self.answered)
        #expect(records == ["target=v7:80"])
    }

    /// Whatever of Kong's inside is missing, or something else, no error reaches the client.
    @Test(arguments: [
        "ngx.ctx = nil", "ngx.ctx.balancer_data = 1", "ngx.ctx.balancer_data = {}",
        "ngx.ctx.balancer_data = { balancer_handle = {} }",
        "ngx.ctx.balancer_data = { balancer_handle = { address = {} } }",
        "ngx.ctx.balancer_data = { balancer_handle = { address = { target = {} } } }",
        "ngx.ctx.balancer_data = { balancer_handle = { address = { target = 7 } } }",
        "ngx.header = nil", "ngx = {}", "kong.response = nil",
    ])
    func `nothing that is missing is an error`(world: String) throws {
        for score in [nil, ScoreSource.header("x-model-score"), .jsonField("score")] {
            let records = try LuaRun.records(
                of: SlimFunction(cut: .slim, score: score).phases, world: world)
            #expect(records == Self.slim)
        }
    }

    @Test func `a log that takes no values is no error either`() throws {
        for world in ["kong.log = nil", "kong.log.set_serialize_value = error", "kong = nil"] {
            let records = try LuaRun.records(
                of: SlimFunction(cut: .slim, score: .header("x")).phases, world: world)
            #expect(records == [])
        }
    }

    @Test(arguments: [
        (#""0.25""#, ["score=0.25"]), (#""1e-3""#, ["score=0.001"]), (#""-7""#, ["score=-7"]),
        (#""high""#, []), (#""nan""#, []), (#""inf""#, []), (#""1e999""#, []), ("nil", []),
        (#"{ "0.1", "0.2" }"#, []),
    ])
    func `a score in a header`(value: String, expected: [String]) throws {
        let records = try LuaRun.records(
            of: SlimFunction(cut: .whole, score: .header("x-model-score")).phases,
            world: "ngx.header['x-model-score'] = \(value)")
        #expect(records == expected)
    }

    struct Body: Sendable, CustomTestStringConvertible {
        let name: String
        var field = "score"
        let chunks: [String]
        var headers = "['content-type'] = 'application/json'"
        let score: String?

        var testDescription: String { name }
    }

    static let bodies: [Body] = [
        Body(name: "plain", chunks: [#"{"score": 0.75, "label": "x"}"#], score: "0.75"),
        Body(name: "in pieces", chunks: [#"{"sco"#, #"re":0."#, "75}"], score: "0.75"),
        Body(name: "negative, with exponent", chunks: [#"{"score" : -1.5E+2}"#], score: "-150"),
        Body(
            name: "below other members", chunks: [#"{"a":{"score":null,"b":[{"score":3}]}}"#],
            score: "3"),
        Body(name: "a text", chunks: [#"{"score":"0.75"}"#], score: nil),
        Body(name: "another name", chunks: [#"{"high_score":1}"#], score: nil),
        Body(name: "no number", chunks: [#"{"score":1e}"#], score: nil),
        Body(
            name: "signs of patterns", field: "p(x|%d)+-[a]",
            chunks: [#"{"p(x|5)":1,"p(x|%d)+-[a]":2}"#], score: "2"),
        Body(name: "quotes", field: #"a"b\c"#, chunks: [#"{"a\"b\\c":2}"#], score: "2"),
        Body(name: "beyond ASCII", field: "größe", chunks: [#"{"größe":2}"#], score: "2"),
        Body(
            name: "with a character set", chunks: [#"{"score":1}"#],
            headers: "['content-type'] = 'Application/JSON; charset=utf-8'", score: "1"),
        Body(
            name: "compressed", chunks: [#"{"score":1}"#],
            headers: "['content-type'] = 'application/json', ['content-encoding'] = 'gzip'",
            score: nil),
        Body(
            name: "events", chunks: [#"{"score":1}"#],
            headers: "['content-type'] = 'text/event-stream'", score: nil),
        Body(
            name: "lines", chunks: [#"{"score":1}"#],
            headers: "['content-type'] = 'application/x-ndjson'", score: nil),
        Body(
            name: "too long", chunks: [#"{"score":1}"#],
            headers: "['content-type'] = 'application/json', ['content-length'] = '1048577'",
            score: nil),
        Body(name: "no type", chunks: [#"{"score":1}"#], headers: "", score: nil),
    ]

    @Test(arguments: bodies) func `a score in a body`(body: Body) throws {
        let chunks = body.chunks.map { LuaText.literal($0) }.joined(separator: ", ")
        let records = try LuaRun.records(
            of: SlimFunction(cut: .whole, score: .jsonField(body.field)).phases,
            world: """
                ngx.header = { \(body.headers) }
                chunks = { \(chunks) }
                local gathered = ""
                kong.response.get_raw_body = function()
                  gathered = gathered .. ngx.chunk
                  if ngx.eof then return gathered end
                end
                """)
        #expect(records == (body.score.map { ["score=\($0)"] } ?? []))
    }
}
