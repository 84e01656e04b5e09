#!/usr/bin/env python3
"""clones.py TRACE FOLDER N: copies of a small trace, as if N machines had recorded it.

Each copy, FOLDER/host-0001 and so on, has UUIDs and a hostname of its own. An event happens at the
same time on all of them.

SPDX-License-Identifier: MIT
"""
import os
import re
import struct
import sys
import uuid

METADATA_MAGIC = 0x75D11D57
METADATA_HEADER = 37

# What metadata without packets begins with; libbabeltrace2 reads no other.
SIGNATURE = b"/* CTF 1.8 */\n"


def unpack(data):
    """The text of a trace's metadata, without the headers of its packets."""
    if struct.unpack_from("<I", data)[0] != METADATA_MAGIC:
        return data
    text, at = SIGNATURE, 0
    while at < len(data):
        content, size = struct.unpack_from("<II", data, at + 24)
        text += data[at + METADATA_HEADER:at + content // 8]
        at += size // 8
    return text


def main(trace, folder, number):
    files = {}
    for path, _, names in os.walk(trace):
        for name in names:
            with open(os.path.join(path, name), "rb") as file:
                files[os.path.join(os.path.relpath(path, trace), name)] = file.read()
    for path in files:
        if os.path.basename(path) == "metadata":
            files[path] = unpack(files[path])
            found = re.findall(rb'uuid = "([-0-9a-f]{36})"', files[path])
    for i in range(1, number + 1):
        renamed = {old: str(uuid.uuid5(uuid.UUID(old.decode()), str(i))).encode() for old in found}
        for path, data in files.items():
            copy = os.path.join(folder, f"host-{i:04}", path)
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            for old, new in renamed.items():
                data = data.replace(old, new)
                data = data.replace(uuid.UUID(old.decode()).bytes, uuid.UUID(new.decode()).bytes)
            if os.path.basename(path) == "metadata":
                data = re.sub(rb'hostname = "[^"]*"', b'hostname = "host-%04d"' % i, data)
            with open(copy, "wb") as file:
                file.write(data)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
