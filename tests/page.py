#!/usr/bin/env python3
"""Reads a page of `lttnga-run --output html` as a browser without scripts would, and writes what is in
it as JSON: its tables, texts and data, and `problems`: elements that are not closed, or where they
can't be, attributes that a page does not have, ids that are there twice, a policy that is not strict.

  tests/page.py PAGE.html

SPDX-License-Identifier: MIT
"""

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "hr", "img"}
ELEMENTS = set("""html head meta title style body a header h1 h2 h3 div dl dt dd nav ol ul li main section p
  figure figcaption strong span svg path rect text g details summary table thead tbody tr th td bdi button
  label input output footer script""".split())
ATTRIBUTES = set("""lang charset http-equiv content name class id href type role aria-label aria-labelledby
  aria-describedby aria-hidden aria-level tabindex title scope width height x y dx d viewbox
  preserveaspectratio""".split())
# What must not be within what: a browser would close the outer one.
NOT_WITHIN = {"p": {"p", "details", "div", "ul", "table", "figure"}, "a": {"a"}, "button": {"button"},
              "h1": {"details", "p", "div"}, "h2": {"details", "p", "div"}, "h3": {"details", "p", "div"},
              "summary": {"details", "p", "div"}, "strong": {"details", "div", "p"}, "td": {"td", "tr"}}


class Page(HTMLParser):
    """All that is of interest in a page."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.problems, self.ids, self.refers = [], [], {}, []
        self.tables, self.charts, self.texts, self.scripts, self.styles = [], [], [], [], []
        self.policy, self.headings, self.cell, self.links, self.facts = None, [], None, [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag not in ELEMENTS:
            self.problems.append("an element <%s>" % tag)
        for name, value in attributes:
            if name not in ATTRIBUTES:
                self.problems.append("an attribute %s of <%s>" % (name, tag))
            if name == "id":
                if value in self.ids:
                    self.problems.append("two elements have the id " + value)
                self.ids[value] = tag
            if name.startswith("aria-") and name[5:] in ("labelledby", "describedby"):
                self.refers.append(value)
            if name == "href":
                self.links.append(value)
        for outer, inner in NOT_WITHIN.items():
            if outer in [one[0] for one in self.open] and tag in inner:
                self.problems.append("<%s> within <%s>" % (tag, outer))
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        if tag in VOID:
            return
        self.open.append((tag, given))
        if tag == "table":
            self.tables.append({"heading": self.headings[-1][1], "columns": [], "rows": []})
        elif tag == "tr" and not self.inside("thead"):
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th"):
            self.cell = {"title": given.get("title"), "text": "", "class": given.get("class")}
            self.tables[-1]["rows" if tag == "td" else "columns"].append(self.cell) if tag == "th" else \
                self.tables[-1]["rows"][-1].append(self.cell)
        elif tag == "dt":
            self.cell = {"title": None, "text": ""}
            self.facts.append({"term": self.cell})
        elif tag == "dd":
            self.cell = {"title": given.get("title"), "text": ""}
            self.facts[-1]["value"] = self.cell
        elif tag in ("h1", "h2", "h3"):
            self.headings.append([int(tag[1]), ""])
        elif tag == "figure":
            self.charts.append({"class": given["class"], "id": given["id"], "text": "", "marks": 0})
        elif tag in ("path", "rect") and self.inside("figure"):
            self.charts[-1]["marks"] += 1

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1][0] != tag:
            self.problems.append("</%s> where <%s> is open" % (tag, self.open and self.open[-1][0]))
            return
        self.open.pop()
        if tag in ("td", "th", "dt", "dd"):
            self.cell = None

    def inside(self, tag):
        return any(one[0] == tag for one in self.open)

    def handle_data(self, data):
        if self.inside("script"):
            self.scripts.append((self.open[-1][1], data))
        elif self.inside("style"):
            self.styles.append(data)
        else:
            self.texts.append(data)
            # Of a long name both the short form and all of it are there.
            if self.cell is not None and not self.inside("summary"):
                self.cell["text"] += data
            elif self.inside("figcaption"):
                self.charts[-1]["text"] += data
            elif self.open and self.inside("h1") or self.inside("h2") or self.inside("h3"):
                self.headings[-1][1] += data

    def handle_comment(self, data):
        self.problems.append("a comment: " + data)

    def unknown_decl(self, data):
        self.problems.append("a declaration: " + data)

    def handle_pi(self, data):
        self.problems.append("an instruction: " + data)


def source(text):
    """How a policy names a script or a style."""
    return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def check(page, text):
    """What is wrong with the page as a whole."""
    wrong = page.problems + ["<%s> is not closed" % one[0] for one in page.open]
    wrong += ["nothing has the id " + one for one in page.refers if one not in page.ids]
    wrong += ["a link to " + one for one in page.links
              if not one.startswith("#") or one[1:] not in page.ids]
    code = [data for given, data in page.scripts if given.get("type") != "application/json"]
    if len(code) != 1 or len(page.styles) != 1:
        wrong.append("%d scripts and %d styles" % (len(code), len(page.styles)))
    expected = "default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'" % (
        source(page.styles[0]), source(code[0]))
    if page.policy != expected:
        wrong.append("the policy is %s" % page.policy)
    if re.search(r"<meta[^>]*Security-Policy", text).start() > text.index("<style"):
        wrong.append("the policy stands behind the style")
    for what in r"\beval\b", r"\bFunction\b", "innerHTML", "outerHTML", "insertAdjacentHTML", r"document\.write":
        if re.search(what, code[0]):
            wrong.append("the script has " + what)
    if re.search(r"url\(|@import|@font-face", page.styles[0]):
        wrong.append("the style loads something")
    levels = [one[0] for one in page.headings]
    wrong += ["h%d after h%d" % (level, before) for before, level in zip([0] + levels, levels)
              if level > before + 1]
    return wrong


def main(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    page = Page()
    page.feed(text)
    page.close()
    data = [content for given, content in page.scripts if given.get("type") == "application/json"]
    json.dump({"problems": check(page, text), "tables": page.tables, "charts": page.charts,
               "facts": page.facts, "headings": [one[1] for one in page.headings], "text": "\n".join(page.texts),
               "data": json.loads(data[0]), "bytes": len(text.encode())}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
