-- luacheck settings: Lua 5.4, no globals of our own.
std = "lua54"
max_line_length = 100
files["tests/spec"] = { std = "lua54+busted" }
exclude_files = { "build", "build-sanitize" }

-- Headings show real output, which may be wide.
files["lua/analyses"].max_comment_line_length = false
