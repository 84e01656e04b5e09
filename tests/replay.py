#!/usr/bin/env python3
"""replay.py [OPTIONS] PCAP: a relay daemon that repeats a recorded conversation.

PCAP, compressed by xz, has the packets (Ethernet, IPv4) of viewers and a relay at port 5344. Of the
longest conversation, each request is answered as it was then; one that was repeated, with the next of
its answers. Where a viewer asks to start makes no difference.

SPDX-License-Identifier: MIT
"""
import argparse
import lzma
import os
import socket
import struct
import sys
import threading

RELAY = 5344
CONNECT, LIST, ATTACH, INDEX, PACKET, METADATA, NEW_STREAMS, CREATE, DETACH = range(1, 10)


def streams_of(data):
    """The bytes that were sent, by ports of sender and receiver."""
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    streams, first, at = {}, {}, 24
    while at < len(data):
        length, = struct.unpack_from(order + "I", data, at + 8)
        ip = data[at + 16 + 14:at + 16 + length]  # behind the headers of the file and of Ethernet
        at += 16 + length
        tcp = (ip[0] & 15) * 4
        source, target, sequence, _, bits = struct.unpack_from("!HHIIH", ip, tcp)
        key, payload = (source, target), ip[tcp + (bits >> 12) * 4:struct.unpack_from("!H", ip, 2)[0]]
        if bits & 2:
            first[key], streams[key] = sequence + 1, bytearray()
        elif payload and key in first:
            place = (sequence - first[key]) & 0xffffffff
            if place > len(streams[key]):
                sys.exit("packets are missing")
            streams[key][place:place + len(payload)] = payload
    return streams


def length_of(command, answer):
    """How long the answer is that begins there."""
    if command == LIST:
        return 4 + 339 * struct.unpack_from("!I", answer)[0]
    if command in (ATTACH, NEW_STREAMS):
        return 8 + 4371 * struct.unpack_from("!II", answer)[1]
    if command == PACKET:
        return 12 + struct.unpack_from("!II", answer)[1]
    if command == METADATA:
        return 12 + struct.unpack_from("!Q", answer)[0]
    return {CONNECT: 20, INDEX: 64, CREATE: 4, DETACH: 4}[command]


def key_of(command, body):
    """What a request asks for."""
    return (command, b"" if command == CONNECT else body[:8] if command == ATTACH else body)


def answers_of(requests, answers):
    """Lists of answers, by what they were the answers to."""
    lists, asked, answered = {}, 0, 0
    while asked < len(requests):
        size, command, _ = struct.unpack_from("!QII", requests, asked)
        body = bytes(requests[asked + 16:asked + 16 + size])
        length = length_of(command, answers[answered:answered + 12])
        lists.setdefault(key_of(command, body), []).append(bytes(answers[answered:answered + length]))
        asked, answered = asked + 16 + size, answered + length
    return lists


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def serve(connection, lists):
    try:
        while True:
            size, command, _ = struct.unpack("!QII", receive(connection, 16))
            answers = lists[key_of(command, receive(connection, size))]
            connection.sendall(answers.pop(0) if len(answers) > 1 else answers[0])
    except ConnectionError:
        pass
    finally:
        connection.close()


def main():
    parser = argparse.ArgumentParser(description="Repeats a recorded conversation with a relay.")
    parser.add_argument("pcap", metavar="PCAP")
    parser.add_argument("--port-file", metavar="FILE", required=True)
    parser.add_argument("--timeout", type=float, default=300, metavar="S")
    options = parser.parse_args()
    with lzma.open(options.pcap) as file:
        streams = streams_of(file.read())
    viewer = max((len(data), source) for (source, target), data in streams.items() if target == RELAY)[1]
    lists = answers_of(streams[viewer, RELAY], streams[RELAY, viewer])
    listener = socket.create_server(("127.0.0.1", 0))
    with open(options.port_file + ".new", "w") as file:
        print(listener.getsockname()[1], file=file)
    os.rename(options.port_file + ".new", options.port_file)
    timer = threading.Timer(options.timeout, os._exit, (0,))
    timer.daemon = True
    timer.start()
    while True:
        serve(listener.accept()[0], lists)


if __name__ == "__main__":
    main()
