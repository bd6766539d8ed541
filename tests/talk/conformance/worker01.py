"""A worker of MDP 0.1 (RFC 7): one request at a time, one reply."""
from worker import Worker


class Worker01(Worker):
    version = "0.1"
    HEAD = (b"", b"MDPW01")
    COMMANDS = {"READY": b"\x01", "REQUEST": b"\x02", "FINAL": b"\x03", "HEARTBEAT": b"\x04", "DISCONNECT": b"\x05"}
