#!/usr/bin/env python3
"""Opens a page of `lttnga-run --output html` in a headless Chromium, uses it as a person would, and
tells what is wrong with it: errors on the console, requests to anywhere, tables that don't sort or
filter, pictures that don't answer, parts that overlap or stand out of the window.

  tests/browser.py PAGE.html [--screenshots FOLDER]

Each check is a line, "ok" or "not ok"; exit status 1 if one fails, 77 if there is no Chromium.
SPDX-License-Identifier: MIT
"""

import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 60  # seconds for an answer


class Browser:
    """A Chromium that takes commands of the DevTools protocol over pipes."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="lttnga-browser-")
        to_read, self.writes = os.pipe()
        self.reads, to_write = os.pipe()
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" 3<&%d 4>&%d' % (to_read, to_write), program,
             "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
             "--remote-debugging-pipe", "--user-data-dir=" + self.folder],
            pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        os.close(to_read)
        os.close(to_write)
        self.rest, self.number, self.events, self.session = b"", 0, [], None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.ask(domain + ".enable")
        # No network at all: what a page loads from there would fail, and be seen.
        self.ask("Network.emulateNetworkConditions", offline=True, latency=0,
                 downloadThroughput=0, uploadThroughput=0)

    def message(self):
        """The next message of the browser."""
        until = time.monotonic() + PATIENCE
        while b"\0" not in self.rest:
            ready = select.select([self.reads], [], [], max(0, until - time.monotonic()))[0]
            piece = os.read(self.reads, 1 << 20) if ready else b""
            if not piece:
                raise RuntimeError("the browser does not answer")
            self.rest += piece
        first, self.rest = self.rest.split(b"\0", 1)
        return json.loads(first)

    def ask(self, method, **parameters):
        """A command, and its result; events that come meanwhile are kept."""
        self.number += 1
        command = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.writes, json.dumps(command).encode() + b"\0")
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError("%s: %s" % (method, message["error"]["message"]))
                return message["result"]
            self.events.append(message)

    def wait_for(self, method):
        """Waits for an event."""
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def run(self, code):
        """The value of an expression in the page."""
        result = self.ask("Runtime.evaluate", expression=code, returnByValue=True,
                          awaitPromise=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def resize(self, width, height=900):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)
        # Two frames: what follows a change of the size has been done then.
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(1))))")

    def press(self, key):
        for kind in "keyDown", "keyUp":
            text = {"text": key} if len(key) == 1 else {}
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, **(text if kind == "keyDown"
                                                                      else {}))

    def screenshot(self, path, height=None):
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "scale": 1,
                "height": min(size["height"], height or 15000)}
        data = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        pathlib.Path(path).write_bytes(base64.b64decode(data))

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


# What is asked in the page. Each gives a list of what is wrong.

SORTS = """(() => {
  const wrong = [];
  const value = (cell) => {
    if (!cell || cell.textContent === "" || cell.classList.contains("u")) return null;
    const n = cell.classList.contains("n") ? parseFloat(cell.title || cell.textContent) : NaN;
    return Number.isNaN(n) ? cell.textContent : n;
  };
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0], before = body.rows.length;
    const texts = Array.from(body.rows, (row) => row.textContent).sort().join("\\n");
    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      for (const way of ["first", "second"]) {
        heading.querySelector("button").click();
        const down = heading.getAttribute("aria-sort") === "descending";
        const values = Array.from(body.rows, (row) => value(row.cells[column]));
        const known = values.filter((one) => one !== null);
        if (values.slice(0, known.length).includes(null))
          wrong.push(heading.textContent + ": unknown values are not last");
        for (let i = 1; i < known.length; i++) {
          const [a, b] = [known[i - 1], known[i]];
          const order = typeof a === "number" && typeof b === "number" ? a - b
            : String(a).localeCompare(String(b), undefined, { numeric: true });
          if (down ? order < 0 : order > 0)
            wrong.push(heading.textContent + ", " + way + " click: " + a + " before " + b);
        }
      }
    });
    if (body.rows.length !== before
        || texts !== Array.from(body.rows, (row) => row.textContent).sort().join("\\n"))
      wrong.push("rows were lost");
  }
  return wrong;
})()"""

FILTERS = """(() => {
  const wrong = [];
  for (const input of document.querySelectorAll(".count input")) {
    const table = input.closest(".count").nextElementSibling.querySelector("table");
    const rows = Array.from(table.tBodies[0].rows);
    const word = rows[rows.length - 1].cells[0].textContent.slice(0, 12);
    const set = (text) => { input.value = text; input.dispatchEvent(new Event("input")); };
    set(word);
    const shown = rows.filter((row) => row.getBoundingClientRect().height > 0);
    const expected = rows.filter((row) => row.textContent.toLowerCase().includes(word.toLowerCase()));
    if (table.getBoundingClientRect().height > 0 && shown.length !== expected.length)
      wrong.push("'" + word + "' shows " + shown.length + " rows, not " + expected.length);
    set("no row has this");
    if (rows.some((row) => !row.hidden)) wrong.push("rows without the word are shown");
    set("");
    if (rows.some((row) => row.hidden)) wrong.push("an empty filter hides rows");
  }
  return wrong;
})()"""

OVERLAPS = """(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) {
    wrong.push("the page is " + root.scrollWidth + " wide in a window of " + innerWidth);
    for (const one of document.querySelectorAll("body *"))
      if (one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".table") && !one.closest("nav")
          && !one.closest("svg"))
        { wrong.push("  " + one.tagName + "." + one.className + " #" + one.id); break; }
  }
  const boxes = (list) => Array.from(list, (one) => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.height > 0);
  const check = (list, what) => {
    const all = boxes(list);
    for (let i = 0; i < all.length; i++)
      for (let j = i + 1; j < all.length; j++) {
        const [a, b] = [all[i][1], all[j][1]];
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
          { wrong.push(what + ": " + all[i][0].textContent.slice(0, 30) + " / " + all[j][0].textContent.slice(0, 30)); return; }
      }
  };
  check(document.querySelectorAll("body > header, body > nav, body > main, body > footer"), "parts");
  check(document.querySelectorAll("header > *"), "header");
  check(document.querySelectorAll("section"), "sections");
  for (const one of document.querySelectorAll(".blocks, .charts, figure, .legend, .facts, .count, .tools"))
    check(one.children, one.className || one.tagName);
  for (const axis of document.querySelectorAll("svg.x, svg.y"))
    check(axis.querySelectorAll("text"), "axis");
  return wrong;
})()"""

TELLS = """(() => {
  const wrong = [];
  for (const figure of document.querySelectorAll("figure.time")) {
    const plot = figure.querySelector(".plot");
    plot.scrollIntoView({ block: "center" });
    const box = plot.getBoundingClientRect();
    if (!box.width) continue;
    const tells = (part) => {
      plot.dispatchEvent(new PointerEvent("pointermove", { bubbles: true,
        clientX: box.left + box.width * part, clientY: box.top + box.height * 0.9 }));
      return Array.from(figure.querySelectorAll("output")).some((one) => one.textContent);
    };
    if (!Array.from({ length: 99 }, (_, i) => (i + 1) / 100).some(tells))
      wrong.push(figure.querySelector("strong").textContent + " tells no value");
    plot.dispatchEvent(new PointerEvent("pointerleave"));
  }
  return wrong;
})()"""

NAMES = """Array.from(document.querySelectorAll("svg[role], button, input, nav, table, [role=region]"))
  .filter((one) => !(one.getAttribute("aria-label") || one.querySelector(":scope > title") || one.labels && one.labels.length
    || one.getAttribute("aria-labelledby") || one.tagName === "BUTTON" && one.textContent))
  .map((one) => one.outerHTML.slice(0, 80))"""

HEADINGS = """(() => {
  const levels = Array.from(document.querySelectorAll("h1, h2, h3, h4"), (one) => Number(one.tagName[1]));
  return levels.map((level, i) => level > (levels[i - 1] || 0) + 1 ? "h" + level + " after h" + levels[i - 1] : "")
    .filter((one) => one);
})()"""

# The contrast of texts with what is behind them, as WCAG 2 has it: 4.5 at least.
CONTRAST = """(() => {
  const wrong = new Set();
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (one) => {
    for (; one; one = one.parentElement) {
      const color = parse(getComputedStyle(one).backgroundColor);
      if (color.length === 3 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  for (const one of document.querySelectorAll("body *")) {
    if (!Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.data.trim())
        || one.closest("svg, script, style, .skip") || !one.getBoundingClientRect().height) continue;
    const [a, b] = [light(parse(getComputedStyle(one).color)), light(behind(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5)
      wrong.add(one.tagName + "." + one.className + " " + ((a + 0.05) / (b + 0.05)).toFixed(2));
  }
  return Array.from(wrong);
})()"""


def keys(browser):
    """Pictures over time, and flame graphs, by keys alone."""
    wrong = []
    if browser.run("""(() => { const plot = document.querySelector("figure.time .plot");
                      if (plot) plot.focus(); return !!plot; })()"""):
        box = 'document.querySelector("figure.time .plot").getAttribute("viewBox")'
        before = browser.run(box)
        browser.press("ArrowRight")
        if not browser.run("""Array.from(document.querySelectorAll("figure.time output"))
                              .some((one) => one.textContent)"""):
            wrong.append("an arrow key tells no value")
        browser.press("+")
        enlarged = browser.run(box)
        if enlarged == before:
            wrong.append("+ does not enlarge")
        if len(set(browser.run("""Array.from(document.querySelectorAll("figure.time .plot"), (one) =>
               one.getAttribute("viewBox").split(" ").filter((_, i) => i % 2 === 0).join())"""))) > 1:
            wrong.append("pictures are not enlarged together")
        browser.press("Escape")
        if browser.run(box) != before:
            wrong.append("Escape does not show all again")
    if browser.run("""(() => { const frame = document.querySelector("figure.flame .f[tabindex='0']");
                      if (frame) frame.focus(); return !!frame; })()"""):
        browser.press("ArrowDown")
        browser.press("Enter")
        wide = """(() => { const at = document.activeElement;
                   return at.matches(".f") && at.getAttribute("width"); })()"""
        if browser.run(wide) != "100%":
            wrong.append("Enter does not enlarge a frame: %s" % browser.run(wide))
        browser.press("Escape")
        wrong += browser.run("""(() => { const wrong = [];
          for (const figure of document.querySelectorAll("figure.flame")) {
            const input = figure.querySelector(".find"), frames = figure.querySelectorAll(".f");
            input.value = frames[frames.length - 1].querySelector("text").textContent;
            input.dispatchEvent(new Event("input"));
            if (!frames[frames.length - 1].classList.contains("found") || !figure.querySelector("output").textContent)
              wrong.push("a search does not find " + input.value);
            input.value = "";
            input.dispatchEvent(new Event("input"));
          }
          return wrong; })()""")
    return wrong


def look(browser, url, report, shots):
    browser.resize(1440)
    browser.ask("Page.navigate", url=url)
    browser.wait_for("Page.loadEventFired")
    if shots:
        for width in 1440, 400:
            for mode in "light", "dark":
                browser.resize(width)
                browser.ask("Emulation.setEmulatedMedia",
                            features=[{"name": "prefers-color-scheme", "value": mode}])
                browser.screenshot(os.path.join(shots, "%d-%s.png" % (width, mode)))
        browser.ask("Emulation.setEmulatedMedia", media="print")
        browser.screenshot(os.path.join(shots, "print.png"))
        browser.ask("Emulation.setEmulatedMedia", media="", features=[])
    for width in 1440, 800, 400:
        browser.resize(width)
        report("nothing overlaps at %d pixels" % width, browser.run(OVERLAPS))
    browser.resize(1440)
    report("pictures over time tell values", browser.run(TELLS))
    report("keys do what the pointer does", keys(browser))
    report("texts have contrast in the light", browser.run(CONTRAST))
    paper = "getComputedStyle(document.body).backgroundColor"
    before = browser.run(paper)
    browser.run('document.getElementById("theme").click()')
    report("the switch makes it dark", [] if browser.run(paper) != before else ["it does not"])
    report("texts have contrast in the dark", browser.run(CONTRAST))
    report("all that is used has a name", browser.run(NAMES))
    report("headings are in order", browser.run(HEADINGS))
    report("tables sort", browser.run(SORTS))
    report("tables filter", browser.run(FILTERS))


def console(events):
    """What the browser complained of."""
    wrong = []
    for event in events:
        given = event.get("params", {})
        if event.get("method") == "Runtime.exceptionThrown":
            wrong.append(given["exceptionDetails"].get("exception", {}).get("description", "?"))
        elif event.get("method") == "Log.entryAdded" and given["entry"]["level"] != "verbose":
            wrong.append(given["entry"]["text"])
        elif event.get("method") == "Runtime.consoleAPICalled":
            wrong.append(str(given["args"]))
    return wrong


def main(arguments):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        print("skipped: there is no Chromium (Debian: chromium)")
        return 77
    shots = arguments[2] if arguments[1:2] == ["--screenshots"] else None
    url = pathlib.Path(arguments[0]).resolve().as_uri()
    failed = []

    def report(what, wrong):
        print(("not ok " if wrong else "ok ") + what)
        for one in wrong[:8]:
            print("    %s" % one)
        failed.extend(wrong)

    browser = Browser(program)
    try:
        look(browser, url, report, shots)
        report("nothing on the console", console(browser.events))
        report("nothing is loaded", [
            event["params"]["request"]["url"] for event in browser.events
            if event.get("method") == "Network.requestWillBeSent"
            and event["params"]["request"]["url"] != url])
    finally:
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
