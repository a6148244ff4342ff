-- Every request asks for another conversation, so that nothing is shared or cached.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  count = 0
  -- Another run against the same process must not meet the ids of this one.
  run = os.time() % 0x10000
end

function request()
  count = count + 1
  return wrk.format("GET", string.format("/api/conversations/%08x-%04x-4000-8000-%012x", number, run, count))
end
