#!/usr/bin/env python3
"""Writes a recorded trace again, packet by packet, as a tracer does: for tests of --follow.

    tests/writer.py [options] FROM TO

FROM is a folder with a trace, TO one that is made. Packets are written in the order of their ends; with
--tear in two halves, with --speed at that many times the pace of the recording.

SPDX-License-Identifier: MIT
"""
import argparse
import os
import struct
import sys
import time

MAGIC = 0xc1fc1fc1
HEADER = struct.Struct("<I16sIQQQQQ")  # magic, UUID, stream, instance, begin, end, content, size: LTTng 2.x


def packets(path):
    """The packets of a file: end, offset, size."""
    with open(path, "rb") as file:
        data = file.read()
    offset = 0
    while offset < len(data):
        magic, _, _, _, begin, end, _, size = HEADER.unpack_from(data, offset)
        if magic != MAGIC or size == 0:
            sys.exit(f"{path}: no packet at {offset}")
        yield end, path, offset, data[offset:offset + size // 8]
        offset += size // 8


def main():
    parser = argparse.ArgumentParser(description="Write a recorded trace again.")
    parser.add_argument("--speed", type=float, default=0, help="0: as fast as possible")
    parser.add_argument("--tear", action="store_true", help="write packets in two halves")
    parser.add_argument("--stay", type=float, default=0, metavar="S", help="keep files open at the end")
    parser.add_argument("--stop-after", type=int, metavar="N", help="end after N packets, in the middle of the next")
    parser.add_argument("source")
    parser.add_argument("to")
    given = parser.parse_args()
    os.makedirs(given.to)
    with open(os.path.join(given.source, "metadata"), "rb") as file:
        metadata = file.read()
    with open(os.path.join(given.to, "metadata"), "wb") as file:
        file.write(metadata)
    all_packets = []
    for name in sorted(os.listdir(given.source)):
        path = os.path.join(given.source, name)
        if name != "metadata" and os.path.isfile(path):
            all_packets += packets(path)
    all_packets.sort(key=lambda packet: packet[0])
    files = {}
    begun, first = time.monotonic(), all_packets[0][0]
    for number, (end, path, _, data) in enumerate(all_packets):
        if given.speed > 0:
            time.sleep(max(0, (end - first) / 1e9 / given.speed - (time.monotonic() - begun)))
        if path not in files:
            files[path] = open(os.path.join(given.to, os.path.basename(path)), "wb", buffering=0)
        half = len(data) // 2 if given.tear or number == given.stop_after else 0
        files[path].write(data[:half])
        if number == given.stop_after:
            return
        if half:
            time.sleep(0.002)
        files[path].write(data[half:])
    time.sleep(given.stay)


main()
