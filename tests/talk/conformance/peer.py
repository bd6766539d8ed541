"""A connection to the broker: one socket with CURVE, and a deadline for whatever is waited for.

Nothing here sleeps: to wait is to poll the socket."""
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

from broker import Keys

DEADLINE = 5.0  # seconds for what must come

CONNECTION_FAILED = (zmq.EVENT_DISCONNECTED, zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL, zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL,
                     zmq.EVENT_HANDSHAKE_FAILED_AUTH)


class Silence(AssertionError):
    """Nothing came within the time."""


class Peer:
    """`options` are set on the socket before it connects; `keys` None: a fresh pair; False: no CURVE at all."""

    def __init__(self, broker, keys=None, socket_type=zmq.DEALER, server_key=None, options=()):
        self.broker = broker
        self.keys = Keys() if keys is None else keys
        self.socket = zmq.Context.instance().socket(socket_type)
        self.socket.linger = 0
        for name, value in options:
            self.socket.setsockopt(name, value)
        if self.keys:
            self.socket.curve_publickey, self.socket.curve_secretkey = self.keys.public, self.keys.secret
            self.socket.curve_serverkey = server_key or broker.key
        self.monitor = self.socket.get_monitor_socket()
        self.socket.connect(broker.endpoint)

    def close(self):
        """May be called twice."""
        if not self.socket.closed:
            self.socket.disable_monitor()
            self.monitor.close(0)
            self.socket.close(0)

    def send(self, *frames):
        self.socket.send_multipart(frames)

    def receive(self, within=DEADLINE, meanwhile=None):
        """The next message. `meanwhile` is called about twice per heartbeat while nothing comes."""
        end = time.monotonic() + within
        while True:
            left = max(0.0, end - time.monotonic())
            step = min(left, self.broker.heartbeat / 2) if meanwhile else left
            if self.socket.poll(int(step * 1000) + 1):
                return self.socket.recv_multipart()
            if left == 0.0:
                raise Silence("nothing came within %.2f s" % within)
            if meanwhile:
                meanwhile()

    def hears_nothing(self, seconds, meanwhile=None):
        try:
            frames = self.receive(seconds, meanwhile)
        except Silence:
            return
        raise AssertionError("there should be silence, but: %r" % frames)

    def connection_event(self, *wanted):
        """Waits until the connection has seen one of these events of zmq_socket_monitor, and returns all so far."""
        seen = []
        end = time.monotonic() + DEADLINE
        while not any(event in wanted for event in seen):
            left = end - time.monotonic()
            if left <= 0 or not self.monitor.poll(int(left * 1000)):
                raise Silence("the connection's events were %r" % seen)
            seen.append(int(recv_monitor_message(self.monitor)["event"]))
        return seen

    def gets_no_connection(self):
        seen = self.connection_event(*CONNECTION_FAILED, zmq.EVENT_HANDSHAKE_SUCCEEDED)
        assert zmq.EVENT_HANDSHAKE_SUCCEEDED not in seen, "the handshake succeeded"
