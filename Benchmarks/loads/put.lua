-- etcd's put through its JSON gateway: COUNT keys in turn, a value of BYTES bytes (base64).
--   wrk … -s put.lua URL -- COUNT BYTES
local requests, at = {}, 0

function init(arguments)
  local count, bytes = tonumber(arguments[1]), tonumber(arguments[2])
  local value = string.rep("eHh4", math.floor(bytes / 3))
  local headers = { ["Content-Type"] = "application/json" }
  for index = 1, count do
    local key = string.format("%08d", index)
    local body = '{"key": "' .. key .. '", "value": "' .. value .. '"}'
    requests[index] = wrk.format("POST", "/v3/kv/put", headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
