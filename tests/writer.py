#!/usr/bin/env python3
"""Writes a recorded trace again, packet by packet in the order of their ends, as a tracer does: for tests of
--follow.

SPDX-License-Identifier: MIT
"""
import argparse
import glob
import os
import shutil
import time

from relay import packets_of, text_of


def all_packets(folder):
    """The packets of a trace whose clock counts nanoseconds, in the order of their ends."""
    packets = []
    with open(os.path.join(folder, "metadata"), "rb") as file:
        is_sink = b"sink.ctf.fs" in text_of(file.read())
    for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*"))):
        if os.path.isfile(path) and os.path.basename(path) != "metadata":
            packets += packets_of(path, is_sink)
    return sorted(packets, key=lambda packet: packet.end)


def bytes_of(packet):
    with open(packet.path, "rb") as file:
        file.seek(packet.offset)
        return file.read(packet.size // 8)


def rotate(given, files, number):
    """Ends a chunk: its folder goes to the archives, and another one takes its place."""
    for file in files.values():
        file.close()
    files.clear()
    archive = os.path.join(os.path.dirname(given.to), "archives", str(number))
    os.makedirs(archive)
    os.rename(given.to, os.path.join(archive, os.path.basename(given.to)))
    os.makedirs(given.to)
    shutil.copy(os.path.join(given.source, "metadata"), given.to)


def write(packets, given):
    files, begun = {}, time.monotonic()
    # A tracer makes the files of all streams before it writes to any of them.
    for name in sorted({os.path.basename(packet.path) for packet in packets}):
        files[name] = open(os.path.join(given.to, name), "wb", buffering=0)
    for number, packet in enumerate(packets):
        if given.speed > 0:
            passed = (packet.end - packets[0].end) / 1e9 / given.speed
            time.sleep(max(0, passed - (time.monotonic() - begun)))
        if given.rotate and number > 0 and number % given.rotate == 0:
            rotate(given, files, number // given.rotate)
        name = os.path.basename(packet.path)
        if name not in files:
            files[name] = open(os.path.join(given.to, name), "wb", buffering=0)
        data, is_last = bytes_of(packet), number == given.stop_after
        half = len(data) // 2 if given.tear or is_last else 0
        files[name].write(data[:half])
        if is_last:
            return
        if half:
            time.sleep(0.001)
        files[name].write(data[half:])
    time.sleep(given.stay)


def main():
    parser = argparse.ArgumentParser(description="Write a recorded trace again.")
    parser.add_argument("--speed", type=float, default=0, metavar="X",
                        help="write at X times the pace of the recording; 0: as fast as possible")
    parser.add_argument("--tear", action="store_true", help="write packets in two halves")
    parser.add_argument("--stay", type=float, default=0, metavar="S",
                        help="keep files open for so many seconds at the end")
    parser.add_argument("--rotate", type=int, metavar="N",
                        help="begin a new chunk after every N packets, as `lttng rotate` does")
    parser.add_argument("--stop-after", type=int, metavar="N",
                        help="end after N packets, in the middle of the next one")
    parser.add_argument("source", help="folder of a trace")
    parser.add_argument("to", help="folder to make")
    given = parser.parse_args()
    os.makedirs(given.to)
    shutil.copy(os.path.join(given.source, "metadata"), given.to)
    write(all_packets(given.source), given)


if __name__ == "__main__":
    main()
