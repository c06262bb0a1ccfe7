import Foundation
import Testing

@testable import Gateway

/// Runs the Lua of a plugin's phases as Kong would, with stand-ins for what Kong gives it.
struct LuaRun {
    /// Of Kong's own engine first, else of the language it was made for; nil: there is none.
    static let interpreter = ["luajit", "lua5.1", "lua"].lazy.flatMap { name in
        ["/usr/bin/", "/usr/local/bin/"].map { $0 + name }
    }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What the sandbox lets through; anything else is nil, as there.
    private static let sandbox = """
        local record = {}
        local function set(key, value)
          if type(key) ~= "string" then error("key must be a string") end
          record[#record + 1] = { key, value }
        end
        local kong = { log = { set_serialize_value = set }, response = {} }
        local ngx = { ctx = {}, header = {} }
        """

    /// - Parameter world: Lua that changes `kong` and `ngx`, and may set `chunks`.
    /// - Returns: each value that was set, as `key=value`; what went wrong as `error: …`.
    static func records(of phases: [String: [String]], world: String) throws -> [String] {
        let order = ["header_filter", "body_filter"]
        #expect(Set(phases.keys).isSubset(of: order))
        var program = sandbox + "\nlocal chunks = { \"\" }\n" + world + "\n"
        for phase in order {
            for text in phases[phase] ?? [] {
                program += """
                    do
                      local env = { kong = kong, ngx = ngx, pcall = pcall, type = type,
                        tonumber = tonumber, string = string }
                      local outer = assert(loadstring(\(LuaText.literal(text)), "\(phase)"))
                      setfenv(outer, env)
                      local inner = outer()
                      for i = 1, #chunks do
                        \(phase == "body_filter" ? "ngx.chunk = chunks[i]; ngx.eof = i == #chunks"
                            : "if i > 1 then break end")
                        local ok, problem = pcall(inner)
                        if not ok then print("error: " .. tostring(problem)) end
                      end
                    end

                    """
            }
        }
        program += """
            for _, item in ipairs(record) do print(item[1] .. "=" .. tostring(item[2])) end
            """
        let file = FileManager.default.temporaryDirectory
            .appending(path: "slim-\(UUID().uuidString).lua")
        try Data(program.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: try #require(interpreter))
        process.arguments = [file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
