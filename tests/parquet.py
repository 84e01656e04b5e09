#!/usr/bin/env python3
"""Reads Parquet files as lttnga writes them, with nothing of lttnga: prints what is in them as JSON.

    parquet.py FILE...           an object for each: its columns, rows and metadata; and checks all that can be checked
    parquet.py --rows FILE...    each row as a list

Fails, with a message, if something in the file contradicts something else.
SPDX-License-Identifier: MIT
"""
import ctypes
import ctypes.util
import json
import struct
import sys

ZSTD = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t
BOOLEAN, INT64, BYTE_ARRAY = 0, 2, 6
PLAIN, RLE, DELTA, DICTIONARY = 0, 3, 5, 8


def check(condition, what):
    if not condition:
        raise SystemExit("parquet.py: " + what)


def decompress(data, size):
    to = ctypes.create_string_buffer(size or 1)
    got = ZSTD.ZSTD_decompress(to, ctypes.c_size_t(size), data, ctypes.c_size_t(len(data)))
    check(got == size, "a page has %d bytes, not %d" % (got, size))
    return to.raw[:size]


class Thrift:
    """Structures of the compact protocol as dictionaries by the numbers of fields."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind in (4, 5, 6):
            return self.zigzag()
        if kind == 8:
            size = self.varint()
            self.at += size
            return bytes(self.data[self.at - size:self.at])
        if kind == 9:
            head = self.byte()
            count = head >> 4 if head >> 4 < 15 else self.varint()
            return [self.value(head & 15) for _ in range(count)]
        check(kind == 12, "unknown type %d of a field" % kind)
        fields, number = {}, 0
        while True:
            head = self.byte()
            if head == 0:
                return fields
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            fields[number] = self.value(head & 15)


def runs(data, width, count):
    """Numbers in runs and packed groups."""
    reader, values = Thrift(data), []
    while len(values) < count:
        head = reader.varint()
        if head & 1:
            size = (head >> 1) * width
            bits = int.from_bytes(data[reader.at:reader.at + size], "little")
            reader.at += size
            mask = (1 << width) - 1
            values += [bits >> i * width & mask for i in range((head >> 1) * 8)]
        else:
            size = (width + 7) // 8
            values += [int.from_bytes(data[reader.at:reader.at + size], "little")] * (head >> 1)
            reader.at += size
    check(len(values) < count + 8, "more values than rows")
    check(reader.at == len(data), "bytes behind the last value")
    return values[:count]


def signed(value):
    value &= (1 << 64) - 1
    return value - (1 << 64) if value >> 63 else value


def deltas(data, count):
    reader = Thrift(data)
    block, minis, total = reader.varint(), reader.varint(), reader.varint()
    check(total == count, "%d differences instead of %d" % (total, count))
    values, size = [reader.zigzag()][:total], block // minis
    while len(values) < total:
        least = reader.zigzag()
        widths = [reader.byte() for _ in range(minis)]
        for width in widths:
            if len(values) >= total:
                break
            bits = int.from_bytes(data[reader.at:reader.at + size * width // 8], "little")
            reader.at += size * width // 8
            for i in range(min(size, total - len(values))):
                values.append(signed(values[-1] + least + (bits >> i * width & (1 << width) - 1)))
    check(reader.at == len(data), "bytes behind the last difference")
    return values


def plain(data, kind, count):
    if kind == INT64:
        check(len(data) == 8 * count, "%d bytes for %d integers" % (len(data), count))
        return list(struct.unpack("<%dq" % count, data))
    if kind == BOOLEAN:
        check(len(data) == (count + 7) // 8, "%d bytes for %d booleans" % (len(data), count))
        return [bool(data[i // 8] >> i % 8 & 1) for i in range(count)]
    values, at = [], 0
    for _ in range(count):
        size = struct.unpack_from("<I", data, at)[0]
        values.append(data[at + 4:at + 4 + size])
        at += 4 + size
    check(at == len(data), "bytes behind the last text")
    return values


def page_at(data, at):
    reader = Thrift(data, at)
    header = reader.value(12)
    body = decompress(bytes(data[reader.at:reader.at + header[3]]), header[2])
    return header, body, reader.at + header[3]


def read_chunk(data, chunk, column, rows):
    meta, dictionary = chunk[3], None
    check(meta[1] == column["kind"] and meta[3] == [column["name"].encode()], "a chunk of another column")
    check(meta[4] == 6 and meta[5] == rows, "a chunk has another codec, or number of values")
    first = meta.get(11, meta[9])
    check(chunk[2] == first, "a chunk begins elsewhere")
    at, raw, header = first, 0, None
    if 11 in meta:
        header, body, end = page_at(data, at)
        check(header[1] == 2 and header[7][2] == PLAIN, "no page of a dictionary")
        dictionary = plain(body, column["kind"], header[7][1])
        check(len(set(dictionary)) == len(dictionary), "a value is twice in a dictionary")
        raw += header[2] + end - at - header[3]
        at = end
    check(at == meta[9], "the data page is elsewhere")
    header, body, end = page_at(data, at)
    raw += header[2] + end - at - header[3]
    check(end - first == meta[7] and raw == meta[6], "the sizes of a chunk are wrong")
    check(header[1] == 0 and header[5][1] == rows, "no data page of these rows")
    present = [1] * rows
    if not column["required"]:
        size = struct.unpack_from("<I", body)[0]
        present = runs(body[4:4 + size], 1, rows)
        body = body[4 + size:]
    count, encoding = sum(present), header[5][2]
    check(encoding in meta[2], "an encoding that is not announced")
    if encoding == DICTIONARY:
        values = [dictionary[i] for i in runs(body[1:], body[0], count)]
    elif encoding == DELTA:
        values = deltas(body, count)
    else:
        values = plain(body, column["kind"], count)
    check_statistics(meta[12], column, values, rows)
    column["encodings"].add(encoding)
    given = iter(values)
    return [next(given) if one else None for one in present]


def check_statistics(statistics, column, values, rows):
    check(statistics[3] == rows - len(values), "the number of nulls is wrong")
    if not values or 5 not in statistics:
        check(not values or column["kind"] == BYTE_ARRAY, "a minimum is missing")
        return
    if column["kind"] == INT64:
        most, least = (struct.unpack("<q", statistics[i])[0] for i in (5, 6))
    elif column["kind"] == BOOLEAN:
        most, least = (statistics[i] != b"\0" for i in (5, 6))
    else:
        most, least = statistics[5], statistics[6]
    check(most == max(values) and least == min(values), "minimum or maximum of %s is wrong" % column["name"])


def columns_of(schema):
    check(schema[0][5] == len(schema) - 1, "the schema is not flat")
    columns = []
    for element in schema[1:]:
        logical = element.get(10, {})
        kind = {BOOLEAN: "boolean", INT64: "integer", BYTE_ARRAY: "bytes"}[element[1]]
        if 1 in logical:
            kind = "text"
        elif 8 in logical:
            check(logical[8][2] == {3: {}}, "times are not in ns")
            kind = "time"
        columns.append({"name": element[4].decode(), "type": kind, "kind": element[1],
                        "required": element[3] == 0, "encodings": set()})
    return columns


def show(path):
    with open(path, "rb") as file:
        data = memoryview(file.read())
    check(data[:4] == b"PAR1" and data[-4:] == b"PAR1" and len(data) >= 12, "this is no Parquet file")
    size = struct.unpack("<I", data[-8:-4])[0]
    start = len(data) - 8 - size
    reader = Thrift(data, start)
    footer = reader.value(12)
    check(reader.at == len(data) - 8, "the footer has another length")
    columns = columns_of(footer[2])
    check(footer[7] == [{1: {}}] * len(columns), "the order of columns is not known")
    rows, at = [], 4
    for group in footer[4]:
        check(len(group[1]) == len(columns) and group[5] == at, "a row group is elsewhere")
        read = [read_chunk(data, chunk, column, group[3]) for chunk, column in zip(group[1], columns)]
        check(group[6] == sum(chunk[3][7] for chunk in group[1]), "the size of a row group is wrong")
        at += group[6]
        rows += zip(*read)
    check(at == start, "bytes before the footer")
    check(len(rows) == footer[3], "the number of rows is wrong")
    if "--rows" in sys.argv:
        for row in rows:
            print(json.dumps([v.decode("utf-8", "strict") if isinstance(v, bytes) else v for v in row]))
        return
    print(json.dumps({
        "rows": len(rows), "groups": [group[3] for group in footer[4]], "by": footer[6].decode(),
        "metadata": {entry[1].decode(): entry[2].decode() for entry in footer.get(5, [])},
        "columns": [{"name": c["name"], "type": c["type"], "required": c["required"],
                     "encodings": sorted(c["encodings"])} for c in columns]}))


for argument in sys.argv[1:]:
    if argument != "--rows":
        show(argument)
