"""A worker of MDP 0.2 (RFC 18), and what Troth adds: a window in READY, tokens in HEARTBEAT."""
from worker import Worker

TOKEN_SIZE = 16  # of an address, in front of the client's key


class Worker02(Worker):
    version = "0.2"
    HEAD = (b"MDPW02",)
    COMMANDS = {"READY": b"\x01", "REQUEST": b"\x02", "PARTIAL": b"\x03", "FINAL": b"\x04", "HEARTBEAT": b"\x05",
                "DISCONNECT": b"\x06"}

    def partial(self, address, *body):
        self.say("PARTIAL", address, b"", *body)

    def heartbeat_naming(self, *addresses):
        """A heartbeat that says what is still held."""
        self.say("HEARTBEAT", b"".join(address[:TOKEN_SIZE] for address in addresses))
