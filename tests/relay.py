#!/usr/bin/env python3
"""relay.py [OPTIONS] FOLDER...: a relay daemon for tests.

Serves recorded traces to viewers as lttng-relayd does for sessions that are being recorded. Each
FOLDER is a session; the CTF traces below it are its traces. All packets are there at once, or
arrive at the pace of the recording (--speed). Time starts when the first viewer attaches.

SPDX-License-Identifier: MIT
"""
import argparse
import glob
import itertools
import os
import random
import re
import socket
import struct
import sys
import threading
import time

CONNECT, LIST, ATTACH, INDEX, PACKET, METADATA, NEW_STREAMS, CREATE, DETACH = range(1, 10)
OK, RETRY, HUP, ERROR, INACTIVE = 1, 2, 3, 4, 5          # of GET_NEXT_INDEX
NEW_METADATA_FLAG, NEW_STREAM_FLAG = 1, 2
NO_NEW, SESSION_OVER = 2, 4                              # of GET_METADATA; of GET_NEW_STREAMS
ALREADY, UNKNOWN, NO_SESSION = 2, 3, 6                   # of ATTACH
BEGINNING = 1

# Where the headers of packets have stream class, instance, sizes, times and discarded events:
# those of LTTng, and those of babeltrace2's sink.ctf.fs.
LTTNG = (("I", 20), ("Q", 24), ("Q", 56), ("Q", 48), ("Q", 32), ("Q", 40), ("Q", 72))
SINK = (("Q", 20), ("Q", 28), ("Q", 36), ("Q", 44), ("Q", 52), ("Q", 60), ("Q", 68))

HOSTILE = """sessions streams metadata endless-metadata packet-size packet-length packet-longer
    empty-packets backwards garbage silent slow major names name-length unknown-status""".split()


def is_packed(metadata):
    return metadata[:4] in (b"\x57\x1d\xd1\x75", b"\x75\xd1\x1d\x57")


def text_of(metadata):
    """The text of metadata, without the headers of its packets."""
    if not is_packed(metadata):
        return metadata
    order, text, at = "<" if metadata[0] == 0x57 else ">", b"", 0
    while at < len(metadata):
        content, size = struct.unpack_from(order + "II", metadata, at + 24)
        text += metadata[at + 37:at + content // 8]
        at += size // 8
    return text


def sections_of(metadata, least):
    """Metadata in pieces of `least` bytes of text or a little more, cut between declarations, so that
    viewers can parse what they have."""
    if not least:
        return [metadata]
    text, sections, begin = text_of(metadata), [], 0
    for match in re.finditer(rb"\n};\n|\x1e[^\x1e]*|$", text):
        end = match.end()
        if end - begin >= least or end == len(text) > begin:
            sections.append(text[begin:end])
            begin = end
    if is_packed(metadata):
        order = "<" if metadata[0] == 0x57 else ">"
        sections = [metadata[:24] + struct.pack(order + "II", 8 * (37 + len(one)), 8 * (37 + len(one)))
                    + metadata[32:37] + one for one in sections]
    return sections


class Packet:
    def __init__(self, path, offset, facts):
        self.path, self.offset = path, offset
        # Sizes are in bits, times in cycles.
        self.class_id, self.instance, self.size, self.content, self.begin, self.end, self.lost = facts

    def index(self):
        return struct.pack("!7Q", self.offset, self.size, self.content, self.begin, self.end,
                           self.lost, self.class_id)


def packets_of(path, is_sink):
    """The packets of a data file, from its index if there is one."""
    index = os.path.join(os.path.dirname(path), "index", os.path.basename(path) + ".idx")
    if os.path.exists(index):
        with open(index, "rb") as file:
            data = file.read()
        length, = struct.unpack_from("!I", data, 12)
        for at in range(16, len(data) - length + 1, length):
            offset, size, content, begin, end, lost, class_id, *instance = struct.unpack_from(
                "!8Q" if length >= 64 else "!7Q", data, at)
            yield Packet(path, offset, (class_id, instance[0] if instance else path, size, content,
                                        begin, end, lost))
        return
    with open(path, "rb") as file:
        offset, header = 0, file.read(128)
        while len(header) >= 80:
            order = "<" if header[0] == 0xc1 else ">"
            facts = [struct.unpack_from(order + form, header, at)[0]
                     for form, at in (SINK if is_sink else LTTNG)]
            yield Packet(path, offset, facts)
            offset += facts[2] // 8
            file.seek(offset)
            header = file.read(128)


class Stream:
    """A data stream, or (without packets) the metadata of a trace."""
    def __init__(self, number, trace, name, packets=None):
        self.number, self.trace, self.name, self.packets = number, trace, name, packets

    def record(self):
        return struct.pack("!QQI4096s255s", self.number, self.trace.number, self.packets is None,
                           self.trace.path.encode(), self.name.encode())


class Trace:
    def __init__(self, folder, root, numbers, options):
        with open(os.path.join(folder, "metadata"), "rb") as file:
            metadata = file.read()
        text = text_of(metadata)
        self.number, self.path = next(numbers), os.path.relpath(folder, root).lstrip(".")
        self.sections = sections_of(metadata, options.split_metadata)
        frequencies = re.findall(rb'\bfreq(?:uency)?"?\s*[=:]\s*(\d+)', text)
        self.frequency = int(frequencies[0]) if frequencies else 10**9
        self.is_ctf2 = metadata[:1] == b"\x1e"
        streams = {}
        for path in sorted(glob.glob(os.path.join(glob.escape(folder), "*"))):
            if os.path.isfile(path) and os.path.basename(path) != "metadata":
                for packet in packets_of(path, b"sink.ctf.fs" in text):
                    streams.setdefault((packet.class_id, packet.instance), []).append(packet)
        self.streams = [Stream(next(numbers), self, "metadata")]
        for packets in streams.values():
            packets.sort(key=lambda packet: packet.begin)
            self.streams.append(Stream(next(numbers), self, os.path.basename(packets[0].path), packets))


class Session:
    def __init__(self, number, root, numbers, options):
        pick = lambda names: names[min(number, len(names)) - 1]
        self.number, self.name, self.host = number, pick(options.session), pick(options.hostname)
        self.traces = [Trace(folder, root, numbers, options)
                       for folder, _, names in sorted(os.walk(root)) if "metadata" in names]
        self.streams = [stream for trace in self.traces for stream in trace.streams]
        packets = [packet for stream in self.streams for packet in stream.packets or []]
        self.begin = min((packet.begin for packet in packets), default=0)
        self.end = max((packet.end for packet in packets), default=0)
        self.options, self.started, self.viewer = options, None, None

    def now(self):
        """The time of the trace, in cycles: what has been recorded by now."""
        if self.started is None:
            return self.begin
        passed = time.monotonic() - self.started
        frequency = self.traces[0].frequency
        if self.options.speed:
            return self.begin + int((self.options.elapsed + passed * self.options.speed) * frequency)
        return self.end + int(passed * frequency)

    def is_ctf2(self):
        return any(trace.is_ctf2 for trace in self.traces)

    def is_over(self):
        return not self.options.stay and self.now() >= self.end

    def summary(self, minor):
        common = struct.pack("!QIII", self.number, self.options.timer,
                             1 if self.options.busy or self.viewer else 0, len(self.streams))
        host, name = self.host.encode("utf-8", "surrogateescape"), self.name.encode()
        if minor < 15:
            return common + struct.pack("!64s255s", host, name)
        lengths = struct.pack("!III", len(host) + 1, len(name) + 1, self.is_ctf2())
        return common + lengths + host + b"\0" + name + b"\0"


class Dropped(Exception):
    """The connection is to be closed."""


class Viewer:
    """One connection: what it has been sent so far."""
    def __init__(self, relay, connection):
        self.relay, self.options, self.connection = relay, relay.options, connection
        self.random, self.answers = random.Random(relay.options.seed), 0
        self.minor, self.created, self.session = 0, False, None
        self.known = {}      # streams that it has been sent, by number
        self.next = {}       # number of the next packet, by number of the stream
        self.beacons = {}    # the last one, by number of the stream
        self.file = {}       # the file of the last packet, by number of the stream
        self.announced = {}  # sections of metadata that it may ask for, by number of the trace
        self.sent = {}       # those that it has got

    # ---- The connection ----

    def receive(self, size):
        data = b""
        while len(data) < size:
            piece = self.connection.recv(size - len(data))
            if not piece:
                raise ConnectionError("the viewer has left")
            data += piece
        return data

    def send(self, data):
        cut = self.options.cut or len(data) or 1
        for at in range(0, len(data), cut):
            self.connection.sendall(data[at:at + cut])
        self.answers += 1
        if self.answers == self.options.drop_after and self.relay.drops > 0:
            self.relay.drops -= 1
            raise Dropped

    def answer(self, command, request):
        commands = (None, self.connect, self.list, self.attach, self.index, self.packet, self.metadata,
                    self.new_streams, self.create, self.detach)
        with self.relay.lock:
            data = commands[command](request)
        self.send(data)

    def serve(self):
        try:
            while True:
                size, command, _ = struct.unpack("!QII", self.receive(16))
                request = self.receive(size)
                self.relay.log("%d %s" % (command, request.hex()))
                self.answer(command, request)
        except OSError:
            if self.options.once and self.next:
                self.relay.done.set()
        except Dropped:
            self.relay.log("dropped")
        finally:
            with self.relay.lock:
                self.detach(None)
            self.connection.close()

    # ---- Commands: each returns the answer ----

    def connect(self, request):
        _, major, minor, kind = struct.unpack("!QIII", request)
        self.minor = min(minor, self.options.minor)
        return struct.pack("!QIII", 1, major, self.options.minor, kind)

    def list(self, _):
        listed = [session.summary(self.minor) for session in self.relay.sessions]
        return struct.pack("!I", len(listed)) + b"".join(listed)

    def create(self, _):
        self.created = True
        return struct.pack("!I", OK)

    def attach(self, request):
        number, _, seek = struct.unpack("!QQI", request)
        session = next((one for one in self.relay.sessions if one.number == number), None)
        status = OK
        if not self.created:
            status = NO_SESSION
        elif not session or self.minor < 15 and session.is_ctf2():
            status = UNKNOWN
        elif self.options.busy or session.viewer:
            status = ALREADY
        if status != OK:
            return struct.pack("!II", status, 0)
        session.viewer, self.session = self, session
        was_started, session.started = session.started, session.started or time.monotonic()
        has_passed = was_started is not None or self.options.elapsed
        for stream in session.streams:
            before = [one for one in stream.packets or [] if has_passed and one.end <= session.now()]
            self.next[stream.number] = 0 if seek == BEGINNING else len(before)
        for trace in session.traces:
            self.announced[trace.number], self.sent[trace.number] = 1, 0
        return self.streams(OK, [] if self.options.late_streams else session.streams)

    def streams(self, status, streams):
        for stream in streams:
            self.known[stream.number] = stream
        records = b"".join(stream.record() for stream in streams)
        return struct.pack("!II", status, len(streams)) + records

    def unknown_streams(self):
        """Those that there are by now, and the viewer has not been told of."""
        return [stream for stream in self.session.streams if stream.number not in self.known
                and (not self.options.speed or not stream.packets
                     or stream.packets[0].begin <= self.session.now())]

    def new_streams(self, _):
        if not self.session:
            return struct.pack("!II", 3, 0)
        missing = self.unknown_streams()
        if not missing and not any(stream and stream.packets for stream in self.known.values()):
            return struct.pack("!II", SESSION_OVER, 0)
        if self.options.late_streams and missing:
            # First a trace's metadata with one stream; then each time one more.
            first = [stream for stream in missing if stream.trace is missing[0].trace]
            missing = first[:2] if first[0].packets is None else first[:1]
        return self.streams(OK, missing)

    def by_chance(self, probability):
        return self.options.seed is not None and self.random.random() < probability

    def index(self, request):
        stream, nothing = self.known.get(struct.unpack("!Q", request)[0]), bytes(56)
        if not stream or stream.packets is None:
            return nothing + struct.pack("!II", ERROR, 0)
        at, trace, session = self.next[stream.number], stream.trace, self.session
        flags = (NEW_STREAM_FLAG if self.unknown_streams() else 0) | (
            NEW_METADATA_FLAG if self.sent[trace.number] < len(trace.sections) else 0)
        following = stream.packets[at] if at < len(stream.packets) else None
        if following and self.is_released(following) and not self.by_chance(0.4):
            self.next[stream.number] += 1
            self.announced[trace.number] = len(trace.sections)
            self.file[stream.number] = following.path
            return following.index() + struct.pack("!II", OK, flags)
        if not following and session.is_over() and not (self.unknown_streams() or self.by_chance(0.4)):
            self.known[stream.number] = None
            return nothing + struct.pack("!II", HUP, flags)
        self.announced[trace.number] = min(self.announced[trace.number] + 1, len(trace.sections))
        beacon = self.beacon(stream, at, following)
        if beacon is None:
            return nothing + struct.pack("!II", RETRY, flags)
        self.beacons[stream.number] = beacon
        return struct.pack("!7QII", 0, 0, 0, 0, beacon, 0, stream.packets[0].class_id, INACTIVE, flags)

    def is_released(self, packet):
        return not self.options.speed or packet.end <= self.session.now()

    def beacon(self, stream, at, following):
        """A time up to which the stream has nothing more: by chance, or that of the last live timer."""
        least = max(stream.packets[at - 1].end if at else self.session.begin,
                    self.beacons.get(stream.number, 0))
        if self.options.seed is not None and (not following or self.is_released(following)):
            most = following.begin if following else self.session.end
            return self.random.randint(least, most) if least <= most and self.by_chance(0.6) else None
        cycles = max(1, self.options.timer * stream.trace.frequency // 1000000)
        latest = self.session.now() - self.session.now() % cycles
        return latest if latest >= least and (not following or latest <= following.begin) else None

    def packet(self, request):
        number, offset, length = struct.unpack("!QQI", request)
        if number not in self.file:
            return struct.pack("!III", 3, 0, 0)
        if self.by_chance(0.2):
            return struct.pack("!III", RETRY, 0, 0)
        if self.options.max_packet:
            length = min(length, self.options.max_packet)
        with open(self.file[number], "rb") as file:
            file.seek(offset)
            data = file.read(length)
        return struct.pack("!III", OK, len(data), 0) + data

    def metadata(self, request):
        stream = self.known.get(struct.unpack("!Q", request)[0])
        if not stream or stream.packets is not None:
            return struct.pack("!QI", 0, 3)
        trace = stream.trace
        at = self.sent[trace.number]
        if at < self.announced[trace.number]:
            self.sent[trace.number] += 1
            return struct.pack("!QI", len(trace.sections[at]), OK) + trace.sections[at]
        return struct.pack("!QI", 0, NO_NEW)

    def detach(self, _):
        if self.session:
            self.session.viewer = None
        self.session = None
        return struct.pack("!I", OK)


class Hostile(Viewer):
    """The same connection, with answers that no relay would send."""

    def flood(self, data):
        """Sends without end, until the viewer has enough."""
        while True:
            self.connection.sendall(data * 64)

    def answer(self, command, request):
        kind = self.options.hostile
        if kind == "silent":
            return
        if kind == "garbage" and command != CONNECT:
            self.send(self.random.randbytes(65536))
        elif kind == "sessions" and command == LIST:
            self.send(struct.pack("!I", 2**32 - 1))
            self.flood(self.relay.sessions[0].summary(self.minor))
        elif kind == "streams" and command in (ATTACH, NEW_STREAMS):
            self.send(struct.pack("!II", OK, 2**32 - 1))
            self.flood(bytes(4371))
        elif kind == "metadata" and command == METADATA:
            self.send(struct.pack("!QI", 2**63, OK))
            self.flood(bytes(4096))
        elif kind == "packet-length" and command == PACKET:
            self.send(struct.pack("!III", OK, 2**32 - 1, 0))
            self.flood(bytes(4096))
        else:
            super().answer(command, request)

    def send(self, data):
        if self.options.hostile != "slow":
            super().send(data)
            return
        for byte in data:
            super().send(bytes([byte]))
            time.sleep(0.5)

    def connect(self, request):
        answer = super().connect(request)
        return answer[:8] + struct.pack("!I", 9) + answer[12:] if self.options.hostile == "major" else answer

    def list(self, request):
        answer = super().list(request)
        if self.options.hostile == "name-length":
            return answer[:24] + struct.pack("!III", 2**32 - 1, 2**32 - 1, 0) + answer[36:]
        return answer

    def index(self, request):
        answer = super().index(request)
        fields = list(struct.unpack("!7QII", answer))
        kind = self.options.hostile
        if fields[7] != OK:
            return answer
        if kind == "packet-size":
            fields[1] = 2**63
        elif kind == "empty-packets":
            fields[1:3] = 0, 0
        elif kind == "backwards":
            fields[3], fields[4] = fields[4], fields[3] - 1
        elif kind == "unknown-status":
            fields[7] = 99
        return struct.pack("!7QII", *fields)

    def packet(self, request):
        answer = super().packet(request)
        if self.options.hostile != "packet-longer":
            return answer
        return struct.pack("!III", OK, len(answer) - 12 + 4096, 0) + answer[12:] + bytes(4096)

    def metadata(self, request):
        if self.options.hostile == "endless-metadata":
            return struct.pack("!QI", 65536, OK) + b" " * 65536
        return super().metadata(request)


class Relay:
    def __init__(self, options):
        self.options, self.lock, self.done = options, threading.Lock(), threading.Event()
        self.drops = options.drops
        numbers = itertools.count(1)
        self.sessions = [Session(i + 1, folder, numbers, options)
                         for i, folder in enumerate(options.folder)]
        if options.hostile == "names":
            self.sessions[0].host = "\x1b[31mred\x07" + "x" * 80
        self.log_file = open(options.log, "w") if options.log else None

    def log(self, line):
        if self.log_file:
            print(line, file=self.log_file, flush=True)

    def run(self):
        listener = socket.create_server(("127.0.0.1", self.options.port))
        port = listener.getsockname()[1]
        if self.options.port_file:
            with open(self.options.port_file + ".new", "w") as file:
                print(port, file=file)
            os.rename(self.options.port_file + ".new", self.options.port_file)
        else:
            print(port, flush=True)
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()
        self.done.wait(self.options.timeout)

    def accept(self, listener):
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            viewer = (Hostile if self.options.hostile else Viewer)(self, connection)
            threading.Thread(target=viewer.serve, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description="A relay daemon for tests.")
    add = parser.add_argument
    add("folder", nargs="*", metavar="FOLDER")
    add("--port", type=int, default=0, help="0: any free one")
    add("--port-file", metavar="FILE", help="write the port there instead of to stdout")
    add("--log", metavar="FILE", help="write the requests there: number and content")
    add("--once", action="store_true", help="end when a viewer that was attached has left")
    add("--timeout", type=float, default=300, metavar="S", help="end after so many seconds in any case")
    add("--session", action="append", metavar="NAME", help="of the sessions, in order; the last for the rest")
    add("--hostname", action="append", metavar="NAME", help="likewise")
    add("--timer", type=int, default=1000000, metavar="US", help="the live timer")
    add("--minor", type=int, default=13, metavar="N", help="of the protocol 2.N that it speaks")
    add("--speed", type=float, metavar="X", help="release packets at X times the pace of the recording")
    add("--elapsed", type=float, default=0, metavar="S", help="so much had been recorded before the first attach")
    add("--cut", type=int, metavar="BYTES", help="send answers in pieces")
    add("--max-packet", type=int, metavar="BYTES", help="send less of a packet than asked for")
    add("--split-metadata", type=int, metavar="BYTES", help="announce metadata piece by piece")
    add("--late-streams", action="store_true", help="announce streams one after the other")
    add("--seed", type=int, metavar="N", help="beacons and RETRY by chance")
    add("--drops", type=int, default=10**9, metavar="N", help="do that N times only")
    add("--stay", action="store_true", help="the session never ends")
    add("--busy", action="store_true", help="another viewer is attached")
    add("--drop-after", type=int, metavar="N", help="close the connection after N answers")
    add("--hostile", choices=HOSTILE, help="answer what no relay would")
    options = parser.parse_args()
    options.session = options.session or ["live"]
    options.hostname = options.hostname or ["box"]
    Relay(options).run()


if __name__ == "__main__":
    sys.exit(main())
