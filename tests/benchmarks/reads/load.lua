-- wrk: one request a line, "token account session body" with tabs between; one line of JSON at the end
local requests, n, i = {}, 0, 0
function init(args)
  for line in io.lines(args[1]) do
    local token, account, session, body = line:match("([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)")
    n = n + 1
    requests[n] = wrk.format("POST", nil, {["Content-Type"] = "application/json", ["Accept"] = "application/json",
      ["Authorization"] = "Bearer " .. token, ["X-Account"] = account, ["X-Session"] = session}, body)
  end
end
function request()
  i = i % n + 1
  return requests[i]
end
function done(s, latency, r)
  io.write(string.format('JSON {"requests":%d,"us":%d,"errors":%d,"p50":%d,"p99":%d}\n', s.requests, s.duration,
    s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
