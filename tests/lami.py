#!/usr/bin/env python3
"""A client of LAMI 1.0 that is as strict as Trace Compass, and stricter.

lami.py < JOBS: reads a JSON list of jobs, and prints a list of what came of each.

    { "properties": FILE or "command": TEXT, "trace": FOLDER,
      "runs": [{ "extra": TEXT, "range": [BEGIN, END], "expect": "results" }] }

A command is what stands in the properties file of a user-defined analysis: words, of which some are in
double quotes. `expect` is "results" (the default), "nothing" (the trace holds nothing of that), "any" of
both, "error", or "outside" (any, or an error: the time is not that of the trace). What comes of a job is { "faults": [TEXT], "title": TEXT, "classes": { NAME: [COLUMN CLASS] },
"runs": [{ "count": TABLES, "tables": { NAME: ROWS }, "dynamic": TABLES that are of no class of the
metadata, "rows": ROWS of all, "titles": [TEXT], "error": TEXT }] }.

The client calls the command in four ways. All but the last one have stderr mixed into stdout, and their
lines are joined without what was between them:

    ARGV0 --mi-version
    COMMAND --metadata
    COMMAND --test-compatibility TRACE
    COMMAND --output-progress [--begin NS --end NS] EXTRA TRACE

SPDX-License-Identifier: MIT
"""
import json
import re
import subprocess
import sys

CLASSES = set("""string number bool float int ratio timestamp time-range duration size bitrate syscall
    process path fd irq cpu disk part netif unknown mixed""".split())
INTEGERS = {"timestamp", "duration", "size"}
NUMBERS = {"number", "ratio", "bitrate"}
NAMED = {"syscall", "disk", "part", "netif"}
INT_MAX, LONG_MAX = 2**31 - 1, 2**63 - 1

# Characters that a dot of a regular expression of Java does not stand for: a line that has one is not
# seen to be JSON.
NO_DOT = re.compile("[\u0085\u2028\u2029]")


class Fault(Exception):
    """What the client would not take."""


def check(condition, message, *values):
    """Raises a fault unless the condition holds."""
    if not condition:
        raise Fault(message.format(*values))


# ---- Reading ----

def split_words(text):
    """The words of a command: quotes begin and end one, and a backslash may stand before quotes and itself."""
    words, word, quoted, i = [], "", False, 0
    while i < len(text):
        if text[i] == "\\" and text[i + 1:i + 2] in ("\\", '"'):
            word += text[i + 1]
            i += 1
        elif text[i] == '"':
            if quoted or word:
                words.append(word)
            word, quoted = "", not quoted
        elif text[i] == " " and not quoted:
            if word:
                words.append(word)
            word = ""
        else:
            word += text[i]
        i += 1
    return words + ([word] if word else [])


def read_properties(path):
    """The properties in a file, as Java reads them."""
    properties = {}
    with open(path, encoding="latin-1") as file:
        for line in file.read().splitlines():
            match = re.match(r"\s*([^#!=:\s][^=:\s]*)\s*[=:]\s*(.*)$", line)
            if match:
                value = re.sub(r"\\(?:u([0-9a-fA-F]{4})|(.))",
                               lambda m: chr(int(m[1], 16)) if m[1] else m[2], match[2])
                properties[match[1]] = value
    return properties


def no_duplicates(pairs):
    """An object, which must not have a name twice."""
    names = [name for name, _ in pairs]
    check(len(names) == len(set(names)), "an object has a name twice: {}", names)
    return dict(pairs)


def no_constant(name):
    """NaN and the like are no JSON."""
    raise Fault(f"{name} is no number")


def read_json(text):
    """Reads JSON, and nothing but that."""
    try:
        return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant)
    except ValueError as error:
        raise Fault(f"no JSON: {error}: {text[:200]!r}") from error


def call(words, mixed=True):
    """Runs a command; its exit status, stdout and stderr."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, check=False,
                          stderr=subprocess.STDOUT if mixed else subprocess.PIPE)
    try:
        return done.returncode, done.stdout.decode("utf-8"), (done.stderr or b"").decode("utf-8")
    except UnicodeDecodeError as error:
        raise Fault(f"{words}: {error}") from error


def lines_of(text):
    """Lines as Java reads them."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines[:-1] if lines[-1] == "" else lines


# ---- The questions ----

def check_version(command):
    """ARGV0 --mi-version"""
    status, out, _ = call([command[0], "--mi-version"])
    check(status == 0, "--mi-version: exit status {}", status)
    version = "".join(lines_of(out)).strip()
    check(re.fullmatch(r"\d{1,3}\.\d{1,3}", version, re.ASCII), "--mi-version: {!r}", out)
    check(version.startswith("1."), "--mi-version: {} is another protocol", version)


def read_columns(descriptions, where):
    """The classes of columns that are described."""
    check(isinstance(descriptions, list) and descriptions, "{}: no columns", where)
    classes = []
    for column in descriptions:
        check(isinstance(column, dict), "{}: a column is {!r}", where, column)
        check(set(column) <= {"title", "class", "unit"}, "{}: a column has {}", where, set(column))
        check(isinstance(column.get("title"), str) and column["title"], "{}: a column without a title",
              where)
        check(column.get("class") in CLASSES, "{}: {!r} is no class of columns", where,
              column.get("class"))
        check(isinstance(column.get("unit", ""), str), "{}: a unit is {!r}", where, column.get("unit"))
        classes.append(column["class"])
    titles = [column["title"] for column in descriptions]
    check(len(titles) == len(set(titles)), "{}: columns have the same title: {}", where, titles)
    return classes


def read_metadata(command):
    """COMMAND --metadata: its title, and columns by class"""
    status, out, _ = call(command + ["--metadata"])
    check(status == 0, "--metadata: exit status {}: {}", status, out)
    metadata = read_json("".join(lines_of(out)))
    check(isinstance(metadata, dict), "--metadata: no object")
    check(isinstance(metadata.get("title"), str) and metadata["title"], "--metadata: no title")
    check(metadata.get("mi-version") == {"major": 1, "minor": 0}, "--metadata: mi-version {}",
          metadata.get("mi-version"))
    declared = metadata.get("table-classes")
    check(isinstance(declared, dict) and declared, "--metadata: no table classes")
    classes = {}
    for name, one in declared.items():
        check(isinstance(one, dict) and isinstance(one.get("title"), str) and one["title"],
              "--metadata: class {} has no title", name)
        check("inherit" not in one, "--metadata: class {} inherits, which is not read", name)
        classes[name] = read_columns(one.get("column-descriptions"), f"--metadata: class {name}")
    return metadata["title"], classes


def check_compatibility(command, trace):
    """COMMAND --test-compatibility TRACE: why the trace does not do, or None"""
    status, out, _ = call(command + ["--test-compatibility", trace])
    text = "".join(lines_of(out))
    if text.strip() == "":
        # Older clients go by the exit status.
        check(status == 0, "--test-compatibility: exit status {}, and nothing is said", status)
        return None
    answer = read_json(text)
    check(isinstance(answer, dict) and isinstance(answer.get("error-message"), str),
          "--test-compatibility: {!r}", answer)
    check(status not in (0, None), "--test-compatibility: exit status 0, and an error")
    return answer["error-message"]


# ---- Results ----

def check_number(cell, where):
    """A number may have a value, or bounds, or all three."""
    kind = cell["class"]
    check(set(cell) <= {"class", "value", "low", "high"}, "{}: {}", where, cell)
    parts = [cell[name] for name in ("low", "value", "high") if name in cell]
    for name in ("low", "value", "high"):
        value = cell.get(name, 0)
        check(isinstance(value, (int, float)) and not isinstance(value, bool)
              or name != "value" and value in ("-inf", "+inf"), "{}: {} is {!r}", where, name, value)
        check(not isinstance(value, (int, float)) or -LONG_MAX - 1 <= value <= LONG_MAX
              or kind in NUMBERS and isinstance(value, float), "{}: {} is too large", where, value)
    check(("low" in cell) == ("high" in cell), "{}: one bound: {}", where, cell)
    check("value" in cell or "low" in cell, "{}: no value: {}", where, cell)
    numbers = [float(part) for part in parts]
    check(numbers == sorted(numbers), "{}: low <= value <= high does not hold: {}", where, cell)


def check_text(cell, name, where, may_lack=False):
    """A member that is a text."""
    check(isinstance(cell.get(name), str) or may_lack and name not in cell, "{}: {} is {!r}", where, name,
          cell.get(name))


def check_whole(cell, name, where, most=LONG_MAX, may_lack=False):
    """A member that is a whole number."""
    value = cell.get(name)
    check(isinstance(value, int) and not isinstance(value, bool) and -most - 1 <= value <= most
          or may_lack and name not in cell, "{}: {} is {!r}", where, name, value)


def check_range(cell, where):
    """A time range; its begin and end."""
    bounds = []
    for name in ("begin", "end"):
        bound = cell.get(name)
        if isinstance(bound, dict):
            check(bound.get("class") == "timestamp", "{}: {} is {}", where, name, bound)
            check_number(bound, where)
            bound = bound["value"]
        check(isinstance(bound, int) and not isinstance(bound, bool), "{}: {} is {!r}", where, name, bound)
        bounds.append(bound)
    check(bounds[0] <= bounds[1], "{}: it ends before it begins: {}", where, cell)
    return bounds


def check_object(cell, where):
    """A data object."""
    kind = cell.get("class")
    if kind in INTEGERS | NUMBERS:
        check_number(cell, where)
    elif kind == "bool":
        check(isinstance(cell.get("value"), bool), "{}: {}", where, cell)
    elif kind == "string":
        check_text(cell, "value", where)
    elif kind in NAMED:
        check_text(cell, "name", where)
    elif kind == "path":
        check_text(cell, "path", where)
    elif kind == "fd":
        check_whole(cell, "fd", where, INT_MAX)
    elif kind == "cpu":
        check_whole(cell, "id", where, INT_MAX)
    elif kind == "process":
        check_text(cell, "name", where, True)
        check_whole(cell, "pid", where, may_lack=True)
        check_whole(cell, "tid", where, may_lack=True)
        check(len(cell) > 1, "{}: a process of which nothing is known", where)
    elif kind == "irq":
        check_whole(cell, "nr", where, INT_MAX)
        check_text(cell, "name", where, True)
        check(isinstance(cell.get("hard", True), bool), "{}: {}", where, cell)
    elif kind == "time-range":
        check_range(cell, where)
    else:
        check(kind == "unknown", "{}: there is no class {!r}", where, kind)


def check_cell(cell, kind, where):
    """A cell: nothing, an object of the column's class, or a value of JSON."""
    if cell is None:
        return
    if isinstance(cell, dict):
        check(cell.get("class") in (kind, "unknown") or kind == "mixed", "{}: {} where {} was told", where,
              cell.get("class"), kind)
        check_object(cell, where)
        return
    check(isinstance(cell, (str, bool, int, float)), "{}: {!r}", where, cell)
    check(kind == "mixed" or kind == "string" and isinstance(cell, str), "{}: {!r} where {} was told",
          where, cell, kind)
    check(not isinstance(cell, int) or -LONG_MAX - 1 <= cell <= LONG_MAX, "{}: {} is too large", where,
          cell)


def columns_of(name, classes):
    """The columns of a class that the metadata tell."""
    check(name in classes, "the metadata have no class {!r}", name)
    return classes[name]


def check_table(table, classes, limits, report):
    """A result table."""
    check(isinstance(table, dict), "a table is {!r}", table)
    check(isinstance(table.get("time-range"), dict) and table["time-range"].get("class") == "time-range",
          "time range {!r}", table.get("time-range"))
    begin, end = check_range(table["time-range"], "time range")
    check(not limits or limits[0] <= begin and end <= limits[1], "time range {}..{} of {}", begin, end,
          limits)
    name = table.get("class")
    if isinstance(name, dict):
        check(isinstance(name.get("title"), str) and name["title"], "a class without a title: {}", name)
        report["titles"].append(name["title"])
        if "inherit" in name:
            check(set(name) == {"inherit", "title"}, "a class that inherits has {}", set(name))
            name = name["inherit"]
            columns = columns_of(name, classes)
        else:
            columns = read_columns(name.get("column-descriptions"), name["title"])
            name = None
            report["dynamic"] += 1
    else:
        columns = columns_of(name, classes)
    check(isinstance(table.get("data"), list) and table["data"], "{}: no rows", name)
    for number, row in enumerate(table["data"], 1):
        where = f"{name or table['class']['title']}, row {number}"
        check(isinstance(row, list) and len(row) == len(columns), "{}: {} columns, and {!r}", where,
              len(columns), row)
        for cell, kind in zip(row, columns):
            check_cell(cell, kind, where)
    report["count"] += 1
    report["rows"] += len(table["data"])
    if name:
        report["tables"][name] = report["tables"].get(name, 0) + len(table["data"])


def read_output(out):
    """Checks progress, and gives the JSON behind it."""
    lines, done = lines_of(out), 0.0
    while lines and not re.match(r"\s*\{", lines[0]):
        words = lines.pop(0).strip().split(" ", 1)
        check(words[0] == "*" or re.fullmatch(r"[01](\.\d+)?", words[0], re.ASCII), "progress {!r}", words)
        check(len(words) == 2 and words[1], "progress without a message: {!r}", words)
        if words[0] != "*":
            check(done <= float(words[0]) <= 1, "progress from {} to {}", done, words[0])
            done = float(words[0])
    if lines:
        check(not NO_DOT.search(lines[0]), "a line that the client does not see to be JSON")
    return "".join(lines), done


def check_run(command, trace, classes, run, report):
    """COMMAND --output-progress [--begin NS --end NS] EXTRA TRACE"""
    limits, expect = run.get("range"), run.get("expect", "results")
    words = command + ["--output-progress"]
    if limits:
        words += ["--begin", str(limits[0]), "--end", str(limits[1])]
    words += split_words(run.get("extra", "").strip()) + [trace]
    status, out, err = call(words, False)
    text, done = read_output(out)
    if expect == "error" or expect == "outside" and status != 0:
        check(status not in (0, None), "it did not fail")
        message = read_json(text).get("error-message")
        check(isinstance(message, str) and message, "no error message: {!r}", text)
        # People are shown what is on stderr.
        check(message.removeprefix("Error: ") in err, "stderr has {!r}, not {!r}", err, message)
        report["error"] = message
        return
    check(status == 0, "exit status {}: {}{}", status, text[:300], err)
    check(done == 1, "the last progress is {}", done)
    check(text != "", "nothing was printed")
    results = read_json(text).get("results")
    check(isinstance(results, list), "no results")
    check(expect in ("any", "outside") or (expect == "results") == (results != []), "{} tables", len(results))
    for table in results:
        check_table(table, classes, limits, report)
    # With both outputs in one, what is behind the first brace is still JSON.
    if run.get("mixed"):
        _, out, _ = call(words)
        check(read_json(out[re.search(r"^\s*\{", out, re.MULTILINE).start():]).get("results")
              is not None, "stderr is in the results")


def do_job(job):
    """All that the client does with one analysis and one trace."""
    report = {"faults": [], "runs": []}
    text = read_properties(job["properties"])["command"] if "properties" in job else job["command"]
    command = split_words(text)
    try:
        check_version(command)
        report["title"], report["classes"] = read_metadata(command)
        report["incompatible"] = check_compatibility(command, job["trace"])
    except Fault as fault:
        report["faults"].append(str(fault))
        return report
    for run in job.get("runs", [{}]):
        run = run or {}
        of_run = {"tables": {}, "dynamic": 0, "titles": [], "rows": 0, "count": 0}
        try:
            check_run(command, job["trace"], report["classes"], run, of_run)
        except Fault as fault:
            report["faults"].append(f"{run}: {fault}")
        report["runs"].append(of_run)
    return report


if __name__ == "__main__":
    json.dump([do_job(job) for job in json.load(sys.stdin)], sys.stdout)
