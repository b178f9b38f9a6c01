"""A slow link before dockerd's socket: so many bytes a second, and so long on the way, each direction apart.

What is read is put in a queue as long as the link: it leaves when the bytes before it have left, and arrives
one delay later. All connections share the link. A reader that is too far ahead waits, as at a full socket.
"""
import collections
import os
import socket
import threading
import time

CHUNK = 8 << 10  # of one read; what another connection may have to wait for
AHEAD_S = 0.05  # so much of the link's time may wait in front of it, as in a modem's buffer
AHEAD_BYTES = 32 << 10  # but never less than this


class Way:
    """One direction: when does a chunk arrive?"""

    def __init__(self):
        self.lock, self.free_at = threading.Lock(), 0.0
        self.set(None, 0.0)

    def set(self, bytes_per_s, delay_s):
        """None: as fast as it goes."""
        self.rate, self.delay = bytes_per_s, delay_s

    def room(self):
        """How long until another chunk may be read."""
        if self.rate is None:
            return 0.0
        return self.free_at - time.monotonic() - max(AHEAD_S, AHEAD_BYTES / self.rate)

    def arrival(self, nbytes):
        now = time.monotonic()
        if self.rate is None:
            return now
        with self.lock:
            self.free_at = max(now, self.free_at) + nbytes / self.rate
            return self.free_at + self.delay


class Pipe:
    """One direction of one connection: a thread that reads, and one that delivers."""

    def __init__(self, source, sink, way):
        self.source, self.sink, self.way = source, sink, way
        self.queue, self.ready = collections.deque(), threading.Condition()
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self.read, self.deliver)]
        for thread in self.threads:
            thread.start()

    def put(self, item):
        with self.ready:
            self.queue.append(item)
            self.ready.notify()

    def read(self):
        data = True
        while data:
            wait = self.way.room()
            if wait > 0:
                time.sleep(wait)
            try:
                data = self.source.recv(CHUNK)
            except OSError:
                data = b""
            self.put((self.way.arrival(len(data)), data))

    def take(self):
        with self.ready:
            while not self.queue:
                self.ready.wait()
            return self.queue.popleft()

    def deliver(self):
        while True:
            at, data = self.take()
            wait = at - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                if not data:
                    self.sink.shutdown(socket.SHUT_WR)
                    return
                self.sink.sendall(data)
            except OSError:
                break
        try:  # nobody listens any more: neither need the other end speak
            self.source.shutdown(socket.SHUT_RD)
        except OSError:
            pass


class Link:
    """Listens at `path` for clients of the daemon at `daemon`, until stop()."""

    def __init__(self, path, daemon):
        self.path, self.daemon = path, daemon
        self.up, self.down = Way(), Way()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        threading.Thread(target=self.serve, daemon=True).start()

    def set(self, bits_per_s=None, delay_s=0.0):
        """For what is sent from now on. Delay is one way; None: an open link."""
        for way in (self.up, self.down):
            way.set(bits_per_s and bits_per_s / 8, delay_s)

    def serve(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.join, args=(client,), daemon=True).start()

    def join(self, client):
        """A connection, until both ends are done."""
        daemon = socket.socket(socket.AF_UNIX)
        with client, daemon:
            try:
                daemon.connect(self.daemon)
            except OSError:
                return
            for pipe in (Pipe(client, daemon, self.up), Pipe(daemon, client, self.down)):
                for thread in pipe.threads:
                    thread.join()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        os.unlink(self.path)
