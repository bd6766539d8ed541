"""Requests that wait: their end without a worker, fair turns, and the bounds that answer `busy`."""
import time

from case import Case
from client01 import Client01
from client02 import Client02
from frames import refusal

QUEUE_MS = 300


class Waiting(Case):
    group = "waiting"
    settings = {"queue_ms": QUEUE_MS}

    def test_requests_for_an_unknown_service_expire_with_no_worker_and_retry(self):
        for kind in (Client01, Client02):
            client, begin = self.client(kind), time.monotonic()
            client.ask(self.fresh_service(), b"body")
            answer = client.answer()
            self.assertEqual((answer.command, len(answer.body)), ("FINAL", 1))
            refusal(answer.body[0], "no-worker")
            self.assertGreaterEqual(time.monotonic() - begin, QUEUE_MS / 1000)

    def test_requests_that_a_worker_left_behind_expire_too(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"body")
        worker.take()
        worker.disconnect()
        refusal(client.final(self.service)[0], "no-worker")

    def test_requests_do_not_expire_while_a_worker_is_there(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"one")
        client.ask(self.service, b"two")
        address, body = worker.take()
        client.hears_nothing(2 * QUEUE_MS / 1000)
        worker.final(address, *body)
        self.assertEqual(worker.serve_one(), [b"two"])
        self.assertEqual([client.final(self.service) for _ in range(2)], [[b"one"], [b"two"]])

    def test_clients_have_fair_turns(self):
        worker, greedy, modest = self.worker(), self.client(), self.client()
        greedy.ask(self.service, b"blocker")
        address, _ = worker.take()
        for number in range(50):
            greedy.ask(self.service, b"greedy")
        self.assertEqual(greedy.hears_nothing_before("mmi.other", b"x"), [b"501"])
        modest.ask(self.service, b"modest")
        self.assertEqual(modest.hears_nothing_before("mmi.other", b"x"), [b"501"])
        worker.final(address, b"ok")
        self.assertIn([b"modest"], [worker.serve_one() for _ in range(3)])

    def test_requests_of_one_client_keep_their_order(self):
        client = self.client()
        for number in range(50):
            client.ask(self.service, b"%d" % number)
        worker = self.worker(window=10)
        self.assertEqual([worker.serve_one() for _ in range(50)], [[b"%d" % number] for number in range(50)])


class InFlight(Case):
    group = "busy"
    settings = {"in_flight_max": 4}

    def test_more_requests_in_flight_than_a_key_may_have_are_refused(self):
        for kind in (Client01, Client02):
            worker, client = self.worker(service=self.fresh_service(), window=8), self.client(kind)
            self.fill(worker, client)
            worker.close()

    def fill(self, worker, client):
        service = self.service = self.fresh_service()
        worker = self.worker(service=service, window=8)
        for number in range(5):
            client.ask(service, b"id-%d" % number, b"body")
        own_id, error = client.final(service)
        self.assertEqual(own_id, b"id-4")
        refusal(error, "busy")
        for _ in range(4):
            worker.serve_one()
        self.assertEqual({client.final(service)[0] for _ in range(4)}, {b"id-%d" % number for number in range(4)})
        client.ask(service, b"again", b"body")  # what is answered is in flight no longer
        worker.serve_one()
        self.assertEqual(client.final(service), [b"again", b"body"])

    def test_the_bound_is_of_a_key_not_of_a_connection(self):
        first = self.client()
        second, other = self.client(keys=first.keys), self.client()
        for number in range(4):
            first.ask(self.service, b"id-%d" % number, b"body")
        self.assertEqual(first.hears_nothing_before("mmi.other", b"x"), [b"501"])
        second.ask(self.service, b"id", b"body")
        refusal(second.final(self.service)[1], "busy")
        other.ask(self.service, b"id", b"body")
        self.assertEqual(other.hears_nothing_before("mmi.other", b"x"), [b"501"])


class Rate(Case):
    group = "busy"
    settings = {"rate_max": 20}

    def test_more_requests_in_a_second_than_a_key_may_send_are_refused(self):
        client, other, worker = self.client(), self.client(), self.worker(window=100)
        for number in range(100):
            client.ask(self.service, b"id-%d" % number, b"body")
        refused = 0
        for _ in range(100 - 60):  # at least so many come back at once, however slowly this machine goes
            own_id, error = client.final(self.service)
            refused += refusal(error, "busy")["retry"] > 0
        self.assertEqual(refused, 40)
        other.ask(self.service, b"id", b"another key")
        while worker.take()[1] != [b"id", b"another key"]:
            pass


class WaitingMax(Case):
    group = "busy"
    settings = {"waiting_max": 3}

    def test_more_requests_than_may_wait_for_a_service_are_refused(self):
        client = self.client()
        for number in range(4):
            client.ask(self.service, b"id-%d" % number, b"body")
        own_id, error = client.final(self.service)
        self.assertEqual(own_id, b"id-3")
        refusal(error, "busy")
        worker = self.worker(window=4)
        for _ in range(3):
            worker.serve_one()
        self.assertEqual({client.final(self.service)[0] for _ in range(3)}, {b"id-0", b"id-1", b"id-2"})
