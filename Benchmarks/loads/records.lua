-- Batches of log records, each record with an id that was never sent before.
--   wrk … -s records.lua URL -- BODY
-- BODY is a file with one batch, in which every id begins with @@@@@@@@; each batch gets a number in
-- their place.
local pieces, marks, batch = {}, {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local body = file:read("*a")
  file:close()
  local from = 1
  while true do
    local first, last = body:find("@@@@@@@@", from, true)
    pieces[#pieces + 1] = body:sub(from, first and first - 1 or #body)
    if not first then break end
    pieces[#pieces + 1] = ""
    marks[#marks + 1] = #pieces
    from = last + 1
  end
  local head = string.format(
    "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" ..
    "Content-Length: %d\r\n\r\n", wrk.path, #body)
  pieces[1] = head .. pieces[1]
  -- Rounds are runs of their own.
  batch = os.time() % 65536 * 65536
end

function request()
  batch = batch + 1
  local number = string.format("%08x", batch)
  for index = 1, #marks do pieces[marks[index]] = number end
  return table.concat(pieces)
end
