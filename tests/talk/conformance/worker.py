"""What workers of both versions have in common. A version has HEAD, the frames in front of the command, and COMMANDS,
the commands' bytes; what ends a request is called FINAL in both."""
import time
from collections import namedtuple

from frames import split_id
from peer import DEADLINE, Peer, Silence

Heard = namedtuple("Heard", "command address body")  # address and body only of REQUEST


class Worker(Peer):
    def say(self, command, *rest):
        self.send(*self.HEAD, self.COMMANDS[command], *rest)

    def ready(self, service, *window):
        """Registers and waits for the HEARTBEAT by which the broker answers."""
        self.say("READY", service.encode(), *window)
        self.expect("HEARTBEAT")
        return self

    def final(self, address, *body):
        self.say("FINAL", address, b"", *body)

    def heartbeat(self):
        self.say("HEARTBEAT")

    def disconnect(self):
        self.say("DISCONNECT")

    def read(self, frames):
        size = len(self.HEAD)
        assert tuple(frames[:size]) == self.HEAD and len(frames) > size, "not MDP %s: %r" % (self.version, frames)
        command = next((word for word, byte in self.COMMANDS.items() if byte == frames[size]), None)
        rest = frames[size + 1:]
        if command == "REQUEST":
            assert len(rest) >= 3 and rest[0] != b"" and rest[1] == b"", "a REQUEST in a wrong form: %r" % frames
            return Heard(command, rest[0], rest[2:])
        assert command in ("HEARTBEAT", "DISCONNECT") and not rest, "not what a broker says to a worker: %r" % frames
        return Heard(command, None, None)

    def hear(self, within=DEADLINE, meanwhile=None):
        return self.read(self.receive(within, meanwhile))

    def expect(self, command, within=DEADLINE, meanwhile=None):
        heard = self.hear(within, meanwhile)
        assert heard.command == command, "%s expected, not %s %r" % (command, heard.command, heard.body)
        return heard

    def hear_past_heartbeats(self, within=DEADLINE, meanwhile=None):
        end = time.monotonic() + within
        while True:
            heard = self.hear(max(0.0, end - time.monotonic()), meanwhile)
            if heard.command != "HEARTBEAT":
                return heard

    def take(self, within=DEADLINE, meanwhile=None):
        """The next REQUEST: its address and its body frames."""
        heard = self.hear_past_heartbeats(within, meanwhile)
        assert heard.command == "REQUEST", "REQUEST expected, not %s" % heard.command
        return heard.address, heard.body

    def gets_no_request(self, seconds, meanwhile=None):
        """Nothing but heartbeats comes for so long."""
        try:
            heard = self.hear_past_heartbeats(seconds, meanwhile)
        except Silence:
            return
        raise AssertionError("nothing but HEARTBEAT should come, but: %s %r" % (heard.command, heard.body))

    def is_disconnected(self, within=DEADLINE, meanwhile=None):
        heard = self.hear_past_heartbeats(within, meanwhile)
        assert heard.command == "DISCONNECT", "DISCONNECT expected, not %s" % heard.command

    def serve_one(self, *answer, within=DEADLINE, meanwhile=None):
        """Takes a request and answers it, its id frame in front; without `answer` its payload comes back."""
        address, body = self.take(within, meanwhile)
        id_frames, payload = split_id(body)
        self.final(address, *id_frames, *(answer or payload))
        return payload
