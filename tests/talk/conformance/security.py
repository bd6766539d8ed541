"""Who is let in, and who may serve: CURVE and ZAP (RFC 26, 27), the lists of workers and of clients."""
import zmq

from broker import Keys, until_true
from case import Case
from client02 import Client02
from frames import refusal
from operators import CLIENT, Operator
from peer import CONNECTION_FAILED, Peer, Silence
from worker01 import Worker01
from worker02 import Worker02

BOTH_WORKERS = (Worker01, Worker02)
QUIET_SECONDS = 0.3  # in which an answer on this machine would have come a hundred times


class Connections(Case):
    group = "security"

    def test_without_CURVE_there_is_no_connection(self):
        self.peer(Peer, keys=False).gets_no_connection()
        self.the_broker_goes_on()

    def test_with_PLAIN_there_is_no_connection(self):
        options = [(zmq.PLAIN_USERNAME, b"admin"), (zmq.PLAIN_PASSWORD, b"admin")]
        self.peer(Peer, keys=False, options=options).gets_no_connection()

    def test_with_a_wrong_server_key_there_is_no_connection(self):
        self.peer(Peer, server_key=Keys().public).gets_no_connection()
        self.the_broker_goes_on()

    def test_with_the_right_key_there_is_one(self):
        self.peer(Peer).connection_event(zmq.EVENT_HANDSHAKE_SUCCEEDED)

    def test_a_request_before_a_failed_handshake_is_not_served(self):
        worker, spy, client = self.worker(), self.peer(Client02, keys=False), self.client()
        spy.ask(self.service, b"in clear")
        spy.gets_no_connection()
        client.ask(self.service, b"in secret")
        self.assertEqual(worker.serve_one(), [b"in secret"])

    def test_a_peer_that_chooses_its_routing_id_is_not_served(self):
        worker = self.worker()
        for name in (b"a", b"worker", b"\x01abcd", b"x" * 255):
            client = self.peer(Client02, options=[(zmq.ROUTING_ID, name)])
            client.ask(self.service, b"by name")
            client.connection_event(zmq.EVENT_HANDSHAKE_SUCCEEDED)
            client.hears_nothing(QUIET_SECONDS / 4)
        named = self.peer(Worker02, keys=self.broker.worker_keys, options=[(zmq.ROUTING_ID, b"w")])
        named.say("READY", self.service.encode())
        named.hears_nothing(QUIET_SECONDS)
        client = self.client()
        client.ask(self.service, b"without a name")
        self.assertEqual(worker.serve_one(), [b"without a name"])

    def test_other_socket_types_harm_nobody(self):
        for socket_type in (zmq.PUB, zmq.PULL, zmq.ROUTER, zmq.REQ, zmq.SUB):
            self.peer(Peer, socket_type=socket_type).connection_event(zmq.EVENT_HANDSHAKE_SUCCEEDED, *CONNECTION_FAILED)
        self.the_broker_goes_on()


class Workers(Case):
    group = "security"

    def test_a_worker_of_an_unlisted_key_is_given_DISCONNECT(self):
        for kind in BOTH_WORKERS:
            worker = self.unregistered(kind, keys=Keys())
            worker.say("READY", self.service.encode())
            worker.is_disconnected()
        self.assertEqual(self.client().call("mmi.service", self.service.encode()), [b"404"])
        self.the_broker_goes_on()

    def test_a_worker_for_an_unlisted_service_is_given_DISCONNECT(self):
        for kind in BOTH_WORKERS:
            for service in (self.service, "s0", "s00 ", "S00", "s00x"):
                worker = self.unregistered(kind, keys=self.broker.narrow_keys)
                worker.say("READY", service.encode())
                if " " not in service:
                    worker.is_disconnected()
        self.worker(service="s00", keys=self.broker.narrow_keys)

    def test_an_operator_is_no_worker(self):
        worker = self.unregistered(keys=self.broker.operator_keys)
        worker.say("READY", self.service.encode())
        worker.is_disconnected()

    def test_a_refused_worker_gets_no_requests(self):
        refused, client = self.unregistered(keys=Keys()), self.client()
        refused.say("READY", self.service.encode())
        refused.is_disconnected()
        client.ask(self.service, b"secret")
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"404"])
        refused.hears_nothing(0.05)
        self.worker().serve_one()

    def test_heartbeats_of_a_key_do_not_keep_anothers_worker(self):
        stranger = self.unregistered(keys=Keys())
        stranger.heartbeat()
        stranger.is_disconnected()


class Lists(Case):
    group = "security"
    own_broker = True

    def test_a_reload_lets_a_new_worker_in_and_disturbs_no_other(self):
        other, new_keys = self.worker(service="s90"), Keys()
        before = self.unregistered(keys=new_keys)
        before.say("READY", self.service.encode())
        before.is_disconnected()
        self.broker.allowed.append((new_keys, "new", self.service))
        self.broker.reload()

        def is_let_in():
            worker = self.unregistered(keys=new_keys)
            worker.say("READY", self.service.encode())
            command = worker.hear().command
            worker.close()
            return command == "HEARTBEAT"

        until_true(is_let_in, "the new worker is let in")
        client = self.client()
        client.ask("s90", b"work")
        self.assertEqual(other.serve_one(), [b"work"])
        self.assertEqual(client.final("s90"), [b"work"])

    def test_a_reload_ends_the_connections_of_a_revoked_key(self):
        revoked, client = self.worker(keys=self.broker.second_keys), self.client()
        staying = self.worker(service="s90")
        client.ask(self.service, b"work")
        revoked.take()
        self.broker.allowed = [row for row in self.broker.allowed if row[1] != "second"]
        self.broker.reload()
        try:
            revoked.is_disconnected()
        except Silence:
            revoked.connection_event(zmq.EVENT_DISCONNECTED)
        self.assertEqual(self.worker().serve_one(), [b"work"])
        self.assertEqual(client.final(self.service), [b"work"])
        client.ask("s90", b"more")
        self.assertEqual(staying.serve_one(), [b"more"])

    def test_a_list_with_a_mistake_changes_nothing(self):
        worker, client = self.worker(), self.client()
        self.broker.allowed = [(self.broker.worker_keys, "NOT A NAME", "x")]
        self.broker.reload()
        client.ask(self.service, b"work")
        self.assertEqual(worker.serve_one(), [b"work"])
        self.worker(service="s91")
        self.the_broker_goes_on()


class ListedClients(Case):
    group = "security"
    own_broker = True
    settings = {"clients": "clients.allow"}

    def test_a_listed_client_is_served_and_another_is_not(self):
        worker, listed = self.worker(), self.client(keys=self.broker.listed_clients[0])
        stranger = self.client()
        stranger.ask(self.service, b"let me in")
        self.is_kept_out(stranger)
        listed.ask(self.service, b"work")
        self.assertEqual(worker.serve_one(), [b"work"])
        self.assertEqual(listed.final(self.service), [b"work"])

    def is_kept_out(self, stranger):
        """Either in the handshake, or by a refusal."""
        if zmq.EVENT_HANDSHAKE_SUCCEEDED in stranger.connection_event(
                zmq.EVENT_HANDSHAKE_SUCCEEDED, zmq.EVENT_HANDSHAKE_FAILED_AUTH, zmq.EVENT_DISCONNECTED):
            refusal(stranger.final(self.service)[0], "not-allowed")

    def test_operators_see_its_name(self):
        keys = self.broker.listed_clients[0]
        listed, operator = self.client(keys=keys), self.peer(Operator, keys=self.broker.operator_keys)
        listed.ask(self.service, b"waits")
        self.assertEqual(listed.call("mmi.other", b"x"), [b"501"])
        self.assertEqual(operator.one("clients", CLIENT, key=keys.text)["name"], "listed")

    def test_a_reload_ends_the_connections_of_a_client_that_is_listed_no_more(self):
        staying_keys = Keys()
        self.broker.listed_clients.append(staying_keys)
        self.broker.reload()

        def is_let_in():
            peer = self.client(keys=staying_keys)
            events = peer.connection_event(zmq.EVENT_HANDSHAKE_SUCCEEDED, *CONNECTION_FAILED)
            return zmq.EVENT_HANDSHAKE_SUCCEEDED in events and peer

        staying = until_true(is_let_in, "the new client is let in")
        revoked = self.client(keys=self.broker.listed_clients.pop(0))
        self.assertEqual(revoked.call("mmi.other", b"x"), [b"501"])
        self.broker.reload()
        revoked.connection_event(zmq.EVENT_DISCONNECTED)
        self.assertEqual(staying.call("mmi.other", b"x"), [b"501"])
