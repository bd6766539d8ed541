"""What peers must not say: what they hear (DISCONNECT or silence), and that it harms nobody else."""
import os
import random

from case import Case
from client01 import Client01
from client02 import Client02
from worker01 import Worker01
from worker02 import TOKEN_SIZE, Worker02

BOTH_WORKERS = (Worker01, Worker02)
SOME_ADDRESS = bytes(48)
GARBAGE_SEED = 1807
GARBAGE_COUNT = 3000

# Names that are none: 1 to 64 printable ASCII characters without blank are one.
BAD_NAMES = [b"", b" ", b"two words", b"tab\t", b"line\n", b"nul\x00", b"n\xc3\xa4me", b"n" * 65, b"\x7f"]

# Valid commands in the wrong place (RFC 7, RFC 18: DISCONNECT), from a worker that has not said READY.
BEFORE_READY = [("HEARTBEAT", ()), ("FINAL", (SOME_ADDRESS, b"", b"body")), ("REQUEST", (SOME_ADDRESS, b"", b"body"))]

# Client messages of which nothing may come: name, frames.
NOT_REQUESTS = [
    ("0.2 PARTIAL", [b"MDPC02", b"\x02", b"SERVICE", b"body"]),
    ("0.2 FINAL", [b"MDPC02", b"\x03", b"SERVICE", b"body"]),
    ("0.2 unknown command", [b"MDPC02", b"\x04", b"SERVICE", b"body"]),
    ("0.2 command 0", [b"MDPC02", b"\x00", b"SERVICE", b"body"]),
    ("0.2 empty command", [b"MDPC02", b"", b"SERVICE", b"body"]),
    ("0.2 command of two bytes", [b"MDPC02", b"\x01\x01", b"SERVICE", b"body"]),
    ("0.2 without a body", [b"MDPC02", b"\x01", b"SERVICE"]),
    ("0.2 without a service", [b"MDPC02", b"\x01"]),
    ("0.2 without a command", [b"MDPC02"]),
    ("0.2 behind an empty frame", [b"", b"MDPC02", b"\x01", b"SERVICE", b"body"]),
    ("0.1 without the empty frame", [b"MDPC01", b"SERVICE", b"body"]),
    ("0.1 without a body", [b"", b"MDPC01", b"SERVICE"]),
    ("0.1 without a service", [b"", b"MDPC01"]),
    ("another version", [b"MDPC03", b"\x01", b"SERVICE", b"body"]),
    ("another protocol", [b"HTTP/1.1", b"\x01", b"SERVICE", b"body"]),
    ("a header cut short", [b"MDPC0", b"\x01", b"SERVICE", b"body"]),
    ("a header that goes on", [b"MDPC02 ", b"\x01", b"SERVICE", b"body"]),
    ("lower case", [b"mdpc02", b"\x01", b"SERVICE", b"body"]),
    ("an empty frame", [b""]),
    ("two empty frames", [b"", b""]),
    ("no protocol", [b"hello"]),
]

# Worker messages that are no form of the protocol (behind the version's head): command byte word or bytes, the rest.
MALFORMED = [
    ("an unknown command", [b"\x09"]),
    ("command 0", [b"\x00"]),
    ("an empty command", [b""]),
    ("a command of two bytes", [b"\x01\x01"]),
    ("no command", []),
    ("FINAL without anything", ["FINAL"]),
    ("FINAL without a body", ["FINAL", SOME_ADDRESS, b""]),
    ("FINAL without the empty frame", ["FINAL", SOME_ADDRESS, b"body", b"body"]),
    ("FINAL with an empty address", ["FINAL", b"", b"", b"body"]),
    ("FINAL with an address of 256 bytes", ["FINAL", b"a" * 256, b"", b"body"]),
    ("DISCONNECT with a frame", ["DISCONNECT", b"more"]),
]


def frames_of(worker, words):
    return [*worker.HEAD, *[worker.COMMANDS[word] if isinstance(word, str) else word for word in words]]


class Workers(Case):
    group = "illegal, workers"

    def test_a_second_READY_is_answered_by_DISCONNECT(self):
        for kind in BOTH_WORKERS:
            worker = self.worker(kind)
            worker.say("READY", self.service.encode())
            worker.is_disconnected()
        self.the_broker_goes_on()

    def test_a_second_READY_for_another_service_too(self):
        for kind in BOTH_WORKERS:
            worker = self.worker(kind)
            worker.say("READY", self.fresh_service().encode())
            worker.is_disconnected()
        self.the_broker_goes_on()

    def test_a_command_before_READY_is_answered_by_DISCONNECT(self):
        for kind in BOTH_WORKERS:
            for command, rest in BEFORE_READY + ([("PARTIAL", (SOME_ADDRESS, b"", b"b"))] if kind is Worker02 else []):
                with self.subTest("%s %s" % (kind.version, command)):
                    worker = self.unregistered(kind)
                    worker.say(command, *rest)
                    worker.is_disconnected()
        self.the_broker_goes_on()

    def test_a_REQUEST_from_a_worker_is_answered_by_DISCONNECT(self):
        for kind in BOTH_WORKERS:
            worker = self.worker(kind)
            worker.say("REQUEST", SOME_ADDRESS, b"", b"body")
            worker.is_disconnected()
        self.the_broker_goes_on()

    def test_what_a_disconnected_worker_held_goes_to_another(self):
        for kind in BOTH_WORKERS:
            service = self.fresh_service()
            first, client = self.worker(kind, service), self.client()
            client.ask(service, b"work")
            first.take()
            first.say("READY", service.encode())
            first.is_disconnected()
            self.assertEqual(self.worker(kind, service).serve_one(), [b"work"])
            self.assertEqual(client.final(service), [b"work"])

    def test_malformed_before_READY_is_silent_or_disconnects(self):
        for kind in BOTH_WORKERS:
            for name, words in MALFORMED:
                with self.subTest("%s %s" % (kind.version, name)):
                    worker = self.unregistered(kind)
                    worker.send(*frames_of(worker, words))
                    worker.say("READY", self.service.encode())
                    self.assertIn(worker.hear().command, ("HEARTBEAT", "DISCONNECT"))
                    worker.close()
        self.the_broker_goes_on()

    def test_malformed_from_a_worker_is_silent_or_disconnects(self):
        for kind in BOTH_WORKERS:
            for name, words in MALFORMED:
                with self.subTest("%s %s" % (kind.version, name)):
                    service = self.fresh_service()
                    worker = self.worker(kind, service)
                    worker.send(*frames_of(worker, words))
                    self.client().ask(service, b"work")
                    self.assertIn(worker.hear_past_heartbeats().command, ("REQUEST", "DISCONNECT"))
                    worker.close()
        self.the_broker_goes_on()

    def test_names_that_are_none_are_not_registered(self):
        for kind in BOTH_WORKERS:
            for name in BAD_NAMES:
                with self.subTest("%s %r" % (kind.version, name)):
                    worker = self.unregistered(kind)
                    worker.say("READY", name)
                    worker.say("FINAL", SOME_ADDRESS, b"", b"body")  # from whom is not registered: DISCONNECT
                    self.assertEqual(worker.hear().command, "DISCONNECT")
        self.the_broker_goes_on()

    def test_windows_that_are_none_are_not_registered(self):
        for window in (b"0", b"01", b"4097", b"-1", b"1 ", b"", b"x", b"1" * 40):
            with self.subTest(window):
                worker = self.unregistered()
                worker.say("READY", self.service.encode(), window)
                worker.say("FINAL", SOME_ADDRESS, b"", b"body")
                self.assertEqual(worker.hear().command, "DISCONNECT")
        self.the_broker_goes_on()

    def test_commands_of_the_other_version_harm_nobody(self):
        for kind, other in ((Worker01, Worker02), (Worker02, Worker01)):
            for command in ("HEARTBEAT", "READY", "DISCONNECT"):
                worker = self.worker(kind, self.fresh_service())
                rest = [self.service.encode()] if command == "READY" else []
                worker.send(*other.HEAD, other.COMMANDS[command], *rest)
                worker.close()
        self.the_broker_goes_on()


class Tokens(Case):
    group = "illegal, tokens"

    def steal(self, kind, command):
        """One worker holds a request, another answers it."""
        service = self.fresh_service()
        holder, client = self.worker(kind, service), self.client()
        client.ask(service, b"work")
        address, _ = holder.take()
        thief = self.worker(kind, self.fresh_service(), keys=self.broker.second_keys)
        thief.say(command, address, b"", b"stolen")
        thief.is_disconnected()
        holder.final(address, b"mine")
        self.assertEqual(client.final(service), [b"mine"])

    def test_a_stolen_token_is_answered_by_DISCONNECT_and_the_holder_goes_on(self):
        for kind in BOTH_WORKERS:
            self.steal(kind, "FINAL")
        self.steal(Worker02, "PARTIAL")

    def test_a_token_that_was_never_given_is_ignored(self):
        for kind in BOTH_WORKERS:
            service = self.fresh_service()
            worker, client = self.worker(kind, service), self.client()
            for address in (os.urandom(48), os.urandom(16), os.urandom(3), client.keys.raw):
                worker.final(address, b"made up")
            client.ask(service, b"work")
            self.assertEqual(worker.serve_one(), [b"work"])
            self.assertEqual(client.final(service), [b"work"])

    def test_a_token_with_another_clients_key_does_not_reach_that_client(self):
        worker, client, other = self.worker(), self.client(), self.client()
        client.ask(self.service, b"work")
        address, _ = worker.take()
        worker.final(address[:TOKEN_SIZE] + other.keys.raw, b"for the other?")
        self.assertEqual(other.hears_nothing_before("mmi.other", b"x"), [b"501"])
        worker.final(address, b"for the client")
        self.assertIn(client.final(self.service), ([b"for the client"], [b"for the other?"]))

    def test_tokens_named_in_a_heartbeat_that_are_not_held_harm_nobody(self):
        service = self.fresh_service()
        holder, client = self.worker(service=service), self.client()
        client.ask(service, b"work")
        address, _ = holder.take()
        liar = self.worker(service=self.service, keys=self.broker.second_keys)
        liar.heartbeat_naming(address, os.urandom(16))
        liar.say("HEARTBEAT", b"not sixteen bytes")
        liar.say("HEARTBEAT", bytes(16 * 4097))
        liar.say("HEARTBEAT", b"", b"")
        holder.final(address, b"mine")
        self.assertEqual(client.final(service), [b"mine"])
        self.the_broker_goes_on()


class Clients(Case):
    group = "illegal, clients"

    def test_what_is_no_request_is_not_answered(self):
        for kind in (Client01, Client02):
            client = self.client(kind)
            for name, frames in NOT_REQUESTS:
                with self.subTest("%s client: %s" % (kind.version, name)):
                    client.send(*[self.service.encode() if frame == b"SERVICE" else frame for frame in frames])
                    self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"404"])
        self.the_broker_goes_on()

    def test_what_is_no_request_reaches_no_worker(self):
        worker, client = self.worker(), self.client()
        for _, frames in NOT_REQUESTS:
            client.send(*[self.service.encode() if frame == b"SERVICE" else frame for frame in frames])
        client.ask(self.service, b"at last")
        self.assertEqual(worker.serve_one(), [b"at last"])

    def test_names_that_are_none_are_not_answered(self):
        client = self.client()
        for name in BAD_NAMES:
            with self.subTest(name):
                client.send(b"MDPC02", b"\x01", name, b"body")
                client.send(b"", b"MDPC01", name, b"body")
                self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"404"])

    def test_garbage_of_known_words_harms_nobody(self):
        """The words of the protocol in any order (the seed is fixed, so that a failure comes again)."""
        chance = random.Random(GARBAGE_SEED)
        words = [b"", b"MDPC01", b"MDPC02", b"MDPW01", b"MDPW02", *[bytes([byte]) for byte in range(8)],
                 self.service.encode(), b"mmi.service", b"mmi.x", b"titanic.request", b"titanic.reply",
                 b"titanic.close", b"broker", SOME_ADDRESS, b"1", b"4096",
                 b"\x81\xa2op\xa6status", bytes(64), bytes(70), b"f" * 32]
        peers = [self.peer(Client02, keys=keys) for keys in (None, self.broker.worker_keys, self.broker.operator_keys)]
        for _ in range(GARBAGE_COUNT):
            chance.choice(peers).send(*[chance.choice(words) for _ in range(chance.randint(1, 10))])
        peers[0].ask("mmi.last", b"the last one", b"x")  # all that it sent before has been read when this is answered
        while b"the last one" not in peers[0].receive():
            pass
        self.the_broker_goes_on()
