internal import Rollouts

/// The Lua that runs in Kong beside the log: it makes records small, and says which target
/// answered and which score the model gave.
///
/// Kong compiles it once a worker: the outer chunk holds definitions only. Every part runs in
/// `pcall`, since an error in these phases would cut the client's connection; and none relies on
/// a field of Kong's being there.
struct SlimFunction: Hashable, Sendable {
    let cut: Footing.Telemetry.Cut
    let score: ScoreSource?

    /// What no judgement needs, and what should not leave Kong.
    static let fields = [
        "request.headers", "request.querystring", "request.url", "request.tls",
        "response.headers", "authenticated_entity", "upstream_uri", "client_ip",
    ]
    /// What Kong's own metrics are counted by.
    static let names = ["route", "service", "consumer", "workspace", "workspace_name"]

    /// Bytes of an answer beyond which no score is looked for in it.
    static let longestBody = 1_048_576

    private static let markPrefix = "-- kong-rollouts "

    /// Lua by phase.
    var phases: [String: [String]] {
        var phases = ["header_filter": [headerFilter]]
        switch score {
        case .jsonField(let field): phases["body_filter"] = [bodyFilter(field)]
        case .header, nil: break
        }
        return phases
    }

    /// Whether a plugin's Lua is ours, whatever became of its tags.
    static func wrote(_ phases: [String: [String]]) -> Bool {
        !phases.isEmpty
            && phases.values.allSatisfy { $0.allSatisfy { $0.hasPrefix(markPrefix) } }
    }

    /// The first line of every chunk, by which a stand-in for Kong knows it without running it.
    private var mark: String {
        let source =
            switch score {
            case nil: "none"
            case .header(let name): "header:\(LuaText.visible(name))"
            case .jsonField(let field): "json:\(LuaText.visible(field))"
            }
        return "\(Self.markPrefix)\(cut.rawValue) 1; score=\(source)\n"
    }

    private var headerFilter: String {
        var text = mark
        var steps: [String] = []
        switch cut {
        case .slim: text += Self.shorten(Self.fields + Self.names)
        case .named: text += Self.shorten(Self.fields)
        case .whole: break
        }
        if cut != .whole { steps.append("shorten") }
        text += Self.attribute
        steps.append("attribute")
        if case .header(let name)? = score {
            text += Self.headerScore(name)
            steps.append("score")
        }
        return text + Self.running(steps)
    }

    private func bodyFilter(_ field: String) -> String {
        mark + Self.bodyScore(field) + Self.running(["score"])
    }

    private static func running(_ steps: [String]) -> String {
        "return function()\n" + steps.map { "  pcall(\($0))\n" }.joined() + "end\n"
    }

    private static func shorten(_ fields: [String]) -> String {
        """
        local fields = {
        \(fields.map { "  \(LuaText.literal($0)),\n" }.joined())}

        local function shorten()
          local set = kong.log.set_serialize_value
          for i = 1, #fields do
            set(fields[i], nil)
          end
        end


        """
    }

    /// The target of the last try, as it stands in Kong. Internal to Kong, so every step may fail.
    private static let attribute = """
        local function attribute()
          local data = ngx.ctx.balancer_data
          local handle = data and data.balancer_handle
          local address = handle and handle.address
          local target = address and address.target
          local name = target and target.target
          if type(name) == "string" then
            kong.log.set_serialize_value("target", name)
          end
        end


        """

    /// Kong cannot write an infinite number, nor one that is none: the whole batch would be lost.
    private static let put = """
        local function put(text)
          local value = tonumber(text)
          if value and value > -1e300 and value < 1e300 then
            kong.log.set_serialize_value("score", value)
          end
        end


        """

    private static func headerScore(_ name: String) -> String {
        put + """
            local function score()
              put(ngx.header[\(LuaText.literal(name))])
            end


            """
    }

    /// Kong gathers an answer whose body is asked for; so only JSON that is neither compressed,
    /// a stream nor long is.
    private static func bodyScore(_ field: String) -> String {
        let pattern =
            LuaText.pattern(LuaText.json(field)) + "%s*:%s*(-?%d[%d%.eE+-]*)"
        return put + """
            local pattern = \(LuaText.literal(pattern))
            local longest = \(longestBody)

            local function is_sought()
              local kind = ngx.header["content-type"]
              if type(kind) ~= "string" or ngx.header["content-encoding"] then
                return false
              end
              kind = string.lower(kind)
              if not string.find(kind, "json", 1, true) or string.find(kind, "ndjson", 1, true)
                or string.find(kind, "seq", 1, true) or string.find(kind, "stream", 1, true)
              then
                return false
              end
              return (tonumber(ngx.header["content-length"]) or 0) <= longest
            end

            local function score()
              if not is_sought() then
                return
              end
              local body = kong.response.get_raw_body()
              if type(body) == "string" and #body <= longest then
                put(string.match(body, pattern))
              end
            end


            """
    }
}
