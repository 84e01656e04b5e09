--- Checks texts for people: widths, padding, hints, and that nothing unsafe reaches a terminal.
--
-- SPDX-License-Identifier: MIT

local text = require "lttnga.text"

describe("text.width", function()
  it("counts bytes of ASCII", function()
    assert.equal(0, text.width(""))
    assert.equal(5, text.width("hello"))
    assert.equal(3, text.width("a b"))
  end)

  it("counts characters, not bytes", function()
    assert.equal(4, text.width("µs§é"))
    assert.equal(6, text.width("привет"))
  end)

  it("counts two columns for East Asian characters and emoji", function()
    assert.equal(4, text.width("中文"))
    assert.equal(4, text.width("한글"))
    assert.equal(6, text.width("ひらカ"))
    assert.equal(2, text.width("Ａ"))
    assert.equal(2, text.width("\u{1f600}"))
    assert.equal(2, text.width("\u{20000}"))
    assert.equal(6, text.width("a中b文"))
  end)

  it("knows the bounds of the wide ranges", function()
    assert.equal(2, text.width("\u{1100}"))
    assert.equal(1, text.width("\u{10ff}"))
    assert.equal(2, text.width("\u{115f}"))
    -- What follows in a syllable of Hangul takes no room of its own.
    assert.equal(0, text.width("\u{1160}"))
    assert.equal(1, text.width("\u{303f}"))
  end)

  it("counts nothing for combining marks", function()
    assert.equal(1, text.width("e\u{301}"))
    assert.equal(0, text.width("\u{301}"))
  end)
end)

describe("text.pad_left and text.pad_right", function()
  it("fill up with blanks", function()
    assert.equal("   ab", text.pad_left("ab", 5))
    assert.equal("ab   ", text.pad_right("ab", 5))
    assert.equal("   ", text.pad_left("", 3))
    assert.equal("   ", text.pad_right("", 3))
  end)

  it("count columns, not bytes", function()
    assert.equal("  中", text.pad_left("中", 4))
    assert.equal("e\u{301}  ", text.pad_right("e\u{301}", 3))
  end)

  it("never cut", function()
    for _, width in ipairs { 3, 1, 0, -5 } do
      assert.equal("abc", text.pad_left("abc", width))
      assert.equal("abc", text.pad_right("abc", width))
    end
    assert.equal("中文", text.pad_left("中文", 3))
    assert.equal("中文", text.pad_right("中文", 3))
  end)
end)

describe("text.capitalize", function()
  it("makes the first letter a capital one", function()
    assert.equal("Open", text.capitalize("open"))
    assert.equal("Open", text.capitalize("Open"))
    assert.equal("O", text.capitalize("o"))
    assert.equal("9a", text.capitalize("9a"))
    assert.equal("Two words", text.capitalize("two words"))
  end)

  it("leaves an empty text and other letters whole", function()
    assert.equal("", text.capitalize(""))
    assert.equal("é", text.capitalize("é"))
  end)
end)

describe("text.clean", function()
  it("leaves valid text as it is", function()
    for _, value in ipairs {
      "", " ", "plain ASCII ~!@#$%^&*()", [[back\slash "quotes"]], "µs", "привет", "中文", "한글",
      "e\u{301}", "\u{a0}\u{a1}", "\u{2027}\u{202f}", "\u{7ff}\u{800}", "\u{d7ff}\u{e000}",
      "\u{ffff}\u{10000}", "\u{1f600}", "\u{10ffff}", "%s %d %",
    } do
      assert.equal(value, text.clean(value))
    end
  end)

  it("escapes C0 controls and DEL", function()
    for code = 0, 0x1f do
      assert.equal(("a\\x%02xb"):format(code), text.clean("a" .. string.char(code) .. "b"))
    end
    assert.equal("a\\x7fb", text.clean("a\x7fb"))
    assert.equal("\\x0a\\x0d\\x09", text.clean("\n\r\t"))
  end)

  it("escapes C1 controls, as characters and as bytes", function()
    for code = 0x80, 0x9f do
      assert.equal(("\\xc2\\x%02x"):format(code), text.clean(utf8.char(code)))
      assert.equal(("\\x%02x"):format(code), text.clean(string.char(code)))
    end
  end)

  it("makes escape sequences harmless", function()
    assert.equal("\\x1b[31mred\\x1b[0m", text.clean("\27[31mred\27[0m"))
    assert.equal("\\x1b]0;title\\x07", text.clean("\27]0;title\7"))
    assert.equal("\\xc2\\x9b31m", text.clean("\u{9b}31m"))
    assert.equal("\\x9b31m", text.clean("\x9b31m"))
  end)

  it("escapes what turns the direction of writing", function()
    assert.equal("a\\xe2\\x80\\xaeb", text.clean("a\u{202e}b"))
    for _, code in ipairs { 0x2028, 0x2029, 0x202a, 0x202d, 0x2066, 0x2069, 0xfeff } do
      local escaped = text.clean("x" .. utf8.char(code) .. "y")
      assert.matches("^x\\x%x%x\\x%x%x\\x%x%xy$", escaped)
    end
  end)

  it("escapes the marks that turn the direction of what is around them", function()
    assert.equal("\\xe2\\x80\\x8e", text.clean("\u{200e}"))
    assert.equal("\\xe2\\x80\\x8f", text.clean("\u{200f}"))
    assert.equal("\\xd8\\x9c", text.clean("\u{61c}"))
  end)

  it("escapes what nobody sees: characters of no width, fillers, selectors, tags", function()
    for _, code in ipairs { 0xad, 0x34f, 0x1160, 0x180e, 0x200b, 0x200d, 0x2060, 0x3164, 0xfe0f,
      0xffa0, 0xfff9, 0x1d173, 0xe0041, 0xe01ef } do
      local character = utf8.char(code)
      local escaped = character:gsub(".", function(c) return ("\\x%02x"):format(c:byte()) end)
      assert.equal("a" .. escaped .. "b", text.clean("a" .. character .. "b"))
    end
    assert.equal("e\u{301} 中 \u{1f600}", text.clean("e\u{301} 中 \u{1f600}"))
  end)

  it("escapes the bytes that are no UTF-8", function()
    assert.equal("a\\xffb", text.clean("a\xffb"))
    assert.equal("\\xff\\xfe", text.clean("\xff\xfe"))
    assert.equal("\\x80", text.clean("\x80"))
    assert.equal("\\xbf\\xbf", text.clean("\xbf\xbf"))
    assert.equal("é\\xe9é", text.clean("é\xe9é"))
  end)

  it("escapes sequences that end too soon", function()
    assert.equal("\\xc3", text.clean("\xc3"))
    assert.equal("a\\xe4\\xb8", text.clean("a\xe4\xb8"))
    assert.equal("\\xe4\\xb8a", text.clean("\xe4\xb8a"))
    assert.equal("\\xf0\\x9f\\x98", text.clean("\xf0\x9f\x98"))
    assert.equal("\\xe4\\xb8中", text.clean("\xe4\xb8中"))
  end)

  it("escapes overlong forms, surrogates, and what is beyond Unicode", function()
    assert.equal("\\xc0\\xaf", text.clean("\xc0\xaf"))
    assert.equal("\\xe0\\x80\\xaf", text.clean("\xe0\x80\xaf"))
    assert.equal("\\xc0\\x80", text.clean("\xc0\x80"))
    assert.equal("\\xed\\xa0\\x80", text.clean("\xed\xa0\x80"))
    assert.equal("\\xf4\\x90\\x80\\x80", text.clean("\xf4\x90\x80\x80"))
    assert.equal("\\xf8\\x88\\x80\\x80\\x80", text.clean("\xf8\x88\x80\x80\x80"))
  end)

  it("gives printable, valid UTF-8 whatever it is given", function()
    local seed = 12345
    local function random(n)
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return (seed >> 8) % n
    end
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, random(12) do
        bytes[i] = string.char(random(256))
      end
      local cleaned = text.clean(table.concat(bytes))
      assert.is_truthy(utf8.len(cleaned))
      assert.is_nil(cleaned:find("[\0-\31\127]"))
      assert.is_nil(cleaned:find("\xc2[\x80-\x9f]"))
      -- What is clean stays so.
      assert.equal(cleaned, text.clean(cleaned))
      assert.is_true(text.width(cleaned) >= 0)
    end
  end)

  it("takes long texts", function()
    assert.equal(("\\xff"):rep(100000), text.clean(("\xff"):rep(100000)))
    assert.equal(("é"):rep(100000) .. "\\x00", text.clean(("é"):rep(100000) .. "\0"))
  end)
end)

describe("text.did_you_mean", function()
  local words = { "limit", "min", "max", "procname", "timerange", "minsize" }

  it("finds a word with a slip", function()
    assert.equal(" (did you mean 'limit'?)", text.did_you_mean("limt", words))
    assert.equal(" (did you mean 'limit'?)", text.did_you_mean("limitt", words))
    assert.equal(" (did you mean 'limit'?)", text.did_you_mean("lamit", words))
    assert.equal(" (did you mean 'timerange'?)", text.did_you_mean("timernage", words))
  end)

  it("does not mind capital letters", function()
    assert.equal(" (did you mean 'limit'?)", text.did_you_mean("LIMIT", words))
    assert.equal(" (did you mean 'Io'?)", text.did_you_mean("io", { "cpu", "Io" }))
  end)

  it("finds a word that begins so", function()
    assert.equal(" (did you mean 'procname'?)", text.did_you_mean("pro", words))
    assert.equal(" (did you mean 'iolatencystats'?)",
      text.did_you_mean("iolatency", { "iolatencystats" }))
  end)

  it("prefers the nearest, and the first of those", function()
    assert.equal(" (did you mean 'min'?)", text.did_you_mean("mim", words))
    assert.equal(" (did you mean 'max'?)", text.did_you_mean("mab", words))
    assert.equal(" (did you mean 'bat'?)", text.did_you_mean("at", { "bat", "cat" }))
    assert.equal(" (did you mean 'cat'?)", text.did_you_mean("at", { "cat", "bat" }))
  end)

  it("says nothing if nothing is near", function()
    assert.equal("", text.did_you_mean("frobnicate", words))
    assert.equal("", text.did_you_mean("", words))
    assert.equal("", text.did_you_mean("limit", {}))
    assert.equal("", text.did_you_mean("xy", { "abc" }))
    -- Two letters are too few to tell the beginning of a word.
    assert.equal("", text.did_you_mean("pr", words))
  end)

  it("looks at the begin of long words only", function()
    local long = ("x"):rep(100000)
    assert.equal("", text.did_you_mean(long, { ("y"):rep(100000) }))
    assert.equal((" (did you mean '%s'?)"):format(long), text.did_you_mean(long .. "y", { long }))
  end)

  it("allows one slip for each three letters", function()
    assert.equal(" (did you mean 'abcdef'?)", text.did_you_mean("abxxef", { "abcdef" }))
    assert.equal("", text.did_you_mean("axxxef", { "abcdef" }))
    assert.equal("", text.did_you_mean("axxef", { "abcef" }))
  end)
end)
