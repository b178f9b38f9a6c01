"""A socket before dockerd's, and what clients send of their folders through it: BuildKit's session, read off the wire.

The client serves its folders to the daemon over HTTP/2 (POST /session, then "101"). Each transfer is one call of
moby.filesync.v1.FileSync/DiffCopy; its packets, the daemon's counts are sums of, are in ignore-semantics 6.8.
"""
import os
import re
import socket
import struct
import threading

import contexts

try:
    import hpack
except ImportError:
    hpack = None

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PUSH, CONTINUATION = 0, 1, 5, 9
PADDED, PRIORITY, END_HEADERS = 8, 32, 4
STAT, REQUEST, CONTENT, END, ERROR = range(5)


class Transfer:
    """One call: what was asked for, and what came.

    name      "context", "dockerfile", or that of a named context
    follow    the paths that were asked for; none: everything
    entries   in their order; folders with a slash
    nbytes    of all packets
    requests  how many contents the daemon asked for
    is_whole  the client came to the end of its list, and said that it is done
    """

    def __init__(self, name, follow):
        self.name, self.follow = name, follow
        self.entries, self.nbytes, self.requests, self.is_whole = [], 0, 0, False


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(message):
    """{number: the last value} of a protobuf message."""
    out, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == 2:
            size, at = varint(message, at)
            value, at = message[at:at + size], at + size
        else:
            value, at = varint(message, at)
        out[key >> 3] = value
    return out


def frames(data):
    """(type, flags, stream, payload without padding)."""
    at = 0
    while at + 9 <= len(data):
        size, kind, flags, stream = int.from_bytes(data[at:at + 3], "big"), data[at + 3], data[at + 4], data[at + 5:at + 9]
        payload = data[at + 9:at + 9 + size]
        if kind in (DATA, HEADERS) and flags & PADDED:
            payload = payload[1:len(payload) - payload[0]]
        yield kind, flags, int.from_bytes(stream, "big") & 0x7fffffff, payload
        at += 9 + size


def messages(data):
    """gRPC's, each behind a flag and its length."""
    at = 0
    while at + 5 <= len(data):
        size = struct.unpack_from(">xI", data, at)[0]
        yield data[at + 5:at + 5 + size]
        at += 5 + size


def calls(data):
    """{stream: [(header, value)]} of what the daemon calls."""
    decoder, block, out = hpack.Decoder(max_header_list_size=1 << 24), b"", {}
    for kind, flags, stream, payload in frames(data):
        if kind in (HEADERS, CONTINUATION):
            block += payload[5:] if kind == HEADERS and flags & PRIORITY else payload
            if flags & END_HEADERS:
                out.setdefault(stream, decoder.decode(block, raw=True))
                block = b""
    return out


def contents(data):
    """{stream: the bytes of its DATA frames}."""
    out = {}
    for kind, _, stream, payload in frames(data):
        if kind == DATA:
            out[stream] = out.get(stream, b"") + payload
    return out


def unquote(value):
    """A header that is not plain ASCII is sent with escapes (session/filesync: encodeStringForHeader)."""
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), value)


def read_packets(transfer, data):
    has_end = False
    for message in messages(data):
        packet = fields(message)
        kind = packet.get(1, STAT)
        transfer.nbytes += len(message)
        if kind == STAT and 2 in packet:
            stat = fields(packet[2])
            slash = "/" if stat.get(2, 0) & 1 << 31 else ""
            transfer.entries.append(os.fsdecode(stat[1]) + slash)
        has_end = has_end or (kind == STAT and 2 not in packet)
        transfer.is_whole = has_end and kind == END


def transfers(to_daemon, to_client):
    """Of one session, in the order of the calls."""
    asked, sent = contents(to_client), contents(to_daemon)
    for stream, headers in sorted(calls(to_client).items()):
        values = {}
        for name, value in headers:
            values.setdefault(name, []).append(value)
        if values[b":path"] != [b"/moby.filesync.v1.FileSync/DiffCopy"]:
            continue
        is_encoded = values.get(b"followpaths-encoded") == [b"1"]
        follow = [unquote(v) if is_encoded else v for v in values.get(b"followpaths", [])]
        transfer = Transfer(os.fsdecode(values[b"dir-name"][0]), follow)
        read_packets(transfer, sent.get(stream, b""))
        transfer.requests = sum(fields(m).get(1) == REQUEST for m in messages(asked.get(stream, b"")))
        yield transfer


class Connection:
    """Between a client and the daemon, until both have ended."""

    def __init__(self, client, path):
        self.client, self.daemon = client, socket.socket(socket.AF_UNIX)
        self.daemon.connect(path)
        self.to_daemon, self.to_client = bytearray(), bytearray()
        self.threads = [threading.Thread(target=self.copy, args=pair, daemon=True) for pair in (
            (client, self.daemon, self.to_daemon), (self.daemon, client, self.to_client))]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def copy(source, sink, kept):
        try:
            while True:
                data = source.recv(1 << 16)
                if not data:
                    break
                kept += data
                sink.sendall(data)
        except OSError:
            pass
        for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass

    def wait(self):
        for thread in self.threads:
            thread.join()
        self.client.close()
        self.daemon.close()

    def transfers(self):
        if not re.match(rb"POST (/v[\d.]+)?/session ", self.to_daemon):
            return []
        to_daemon = self.to_daemon.partition(b"\r\n\r\n")[2]
        to_client = self.to_client.partition(b"\r\n\r\n")[2]
        return list(transfers(bytes(to_daemon), bytes(to_client)[len(PREFACE):]))


class Tap:
    """Listens at `path` for clients of the daemon at `daemon`, until stop()."""

    def __init__(self, path, daemon):
        if hpack is None:
            contexts.skip("the headers of HTTP/2 need python3-hpack")
        self.path, self.daemon, self.connections = path, daemon, []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            try:
                self.connections.append(Connection(client, self.daemon))
            except OSError:
                client.close()

    def take(self):
        """All transfers since this was last asked; the clients have ended."""
        connections, self.connections = self.connections, []
        out = []
        for connection in connections:
            connection.wait()
            out += connection.transfers()
        return out

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)
