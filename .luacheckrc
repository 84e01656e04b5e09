-- luacheck settings: Lua 5.4, no globals of our own.
std = "lua54"
max_line_length = 100
files["tests/spec"] = { std = "lua54+busted" }
-- Definitions for editors have nothing in their functions.
exclude_files = { "build", "build-sanitize", "lua/meta" }

-- Scripts for a session have its commands.
files["examples/*.session.lua"] = { read_globals = {
  "analyse", "around", "back", "back_until", "cpus", "dirty", "disks", "fds", "go", "help",
  "inflight", "info", "irqs", "now", "proc", "ps", "run", "session", "step", "threads", "until_",
  "who",
} }

-- Headings show real output, which may be wide.
files["lua/analyses"].max_comment_line_length = false
files["examples"] = { max_comment_line_length = false }
