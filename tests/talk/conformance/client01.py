"""A client of MDP 0.1 (RFC 7)."""
from client import Answer, Client

HEADER = b"MDPC01"


class Client01(Client):
    version = "0.1"

    def request_frames(self, service, *body):
        return [b"", HEADER, service.encode(), *body]

    def read(self, frames):
        assert len(frames) >= 4 and frames[:2] == [b"", HEADER], "not an MDP 0.1 reply: %r" % frames
        return Answer("FINAL", frames[2], frames[3:])
