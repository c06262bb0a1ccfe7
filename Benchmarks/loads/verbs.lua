-- pause, then resume, of rollout after rollout: a pass over all of them pauses, the next resumes,
-- so that two verbs of one rollout are never in flight together.
--   wrk … -s verbs.lua URL -- COUNT
-- wrk asks for one request before it begins, and does not send that.
local requests, at = {}, -2

function init(arguments)
  local count = tonumber(arguments[1])
  local headers = { ["Prefer"] = "wait=0", ["Content-Type"] = "application/json" }
  for _, verb in ipairs({ "pause", "resume" }) do
    for index = 0, count - 1 do
      local path = "/v1/rollouts/bench-" .. index .. "/" .. verb
      requests[#requests + 1] = wrk.format("POST", path, headers, "")
    end
  end
end

function request()
  at = at + 1
  return requests[math.max(at, 0) % #requests + 1]
end
