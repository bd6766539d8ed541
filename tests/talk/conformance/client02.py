"""A client of MDP 0.2 (RFC 18)."""
from client import Answer, Client

HEADER = b"MDPC02"
REQUEST = b"\x01"
ANSWERS = {b"\x02": "PARTIAL", b"\x03": "FINAL"}


class Client02(Client):
    version = "0.2"

    def request_frames(self, service, *body):
        return [HEADER, REQUEST, service.encode(), *body]

    def read(self, frames):
        assert len(frames) >= 4 and frames[0] == HEADER and frames[1] in ANSWERS, "not an MDP 0.2 reply: %r" % frames
        return Answer(ANSWERS[frames[1]], frames[2], frames[3:])
