"""Heartbeats both ways, and how the broker notices that a worker is gone (doc/protocol.md section 4)."""
import time

from broker import until_true
from case import Case
from worker01 import Worker01
from worker02 import Worker02

BOTH_WORKERS = (Worker01, Worker02)
KINDS = ((Worker01, None), (Worker02, None), (Worker02, 3))  # and their windows
HEARTBEAT_MS = 100
SILENT_INTERVALS = 4       # after which a worker counts as gone (RFC 18: 3 to 5)
LEASE_MS = 60000           # not what is tested here


class Presence(Case):
    group = "presence"
    settings = {"heartbeat_ms": HEARTBEAT_MS, "lease_ms": LEASE_MS, "backoff_ms": 10, "queue_ms": 60000}

    def of_all_kinds(self):
        """A worker of each kind, with the name of its service and its window."""
        kinds = [(kind, window, self.fresh_service()) for kind, window in KINDS]
        return [(self.worker(kind, service, window), service, window or 1) for kind, window, service in kinds]

    def test_the_broker_sends_heartbeats_at_their_interval(self):
        begin = time.monotonic()
        workers = [worker for worker, _, _ in self.of_all_kinds()]  # they have heard the first when they are registered

        def all_live():
            for worker in workers:
                worker.heartbeat()

        for _ in range(5):
            for worker in workers:
                worker.expect("HEARTBEAT", meanwhile=all_live)
        passed = time.monotonic() - begin
        self.assertGreaterEqual(passed, 5 * self.broker.heartbeat * 0.9)
        self.assertLess(passed, 15 * self.broker.heartbeat)

    def test_a_worker_that_sends_heartbeats_stays(self):
        workers = self.of_all_kinds()

        def all_live():
            for worker, _, _ in workers:
                worker.heartbeat()

        workers[0][0].gets_no_request(2 * SILENT_INTERVALS * self.broker.heartbeat, meanwhile=all_live)
        for worker, service, _ in workers:
            client = self.client()
            client.ask(service, b"still there?")
            self.assertEqual(worker.serve_one(meanwhile=all_live), [b"still there?"])

    def test_answers_count_as_heartbeats(self):
        worker, client = self.worker(), self.client()
        end = time.monotonic() + 2 * SILENT_INTERVALS * self.broker.heartbeat
        while time.monotonic() < end:
            client.ask(self.service, b"again")
            worker.serve_one()
            client.final(self.service)

    def test_a_silent_worker_without_work_is_given_DISCONNECT(self):
        begin = time.monotonic()
        workers = [worker for worker, _, _ in self.of_all_kinds()]
        for worker in workers:
            worker.is_disconnected()
        self.assertGreaterEqual(time.monotonic() - begin, 3 * self.broker.heartbeat)
        workers[0].hears_nothing(2 * self.broker.heartbeat)
        for worker in workers[1:]:
            worker.hears_nothing(0)

    def test_after_DISCONNECT_neither_heartbeats_nor_requests_come(self):
        gone = []
        for kind in BOTH_WORKERS:
            twice, early, polite = self.worker(kind), self.unregistered(kind), self.worker(kind)
            twice.say("READY", self.service.encode())
            early.heartbeat()
            polite.disconnect()
            twice.is_disconnected()
            early.is_disconnected()
            gone += [twice, early]
        self.client().ask(self.service, b"work")
        gone[0].hears_nothing(3 * self.broker.heartbeat)
        for worker in gone[1:]:
            worker.hears_nothing(0)

    def test_a_worker_that_has_said_DISCONNECT_is_given_nothing(self):
        for worker, service, _ in self.of_all_kinds():
            client = self.client()
            worker.disconnect()
            until_true(lambda: client.call("mmi.service", service.encode()) == [b"404"], "the worker has left")
            client.ask(service, b"work")
            self.assertEqual(self.worker(service=service).serve_one(), [b"work"])
            worker.close()

    def test_DISCONNECT_before_READY_is_not_answered(self):
        workers = [self.unregistered(kind) for kind in BOTH_WORKERS]
        for worker in workers:
            worker.disconnect()
        workers[0].hears_nothing(2 * self.broker.heartbeat)
        workers[1].hears_nothing(0)

    def test_DISCONNECT_gives_what_it_held_to_another(self):
        for kind in BOTH_WORKERS:
            service = self.fresh_service()
            leaving, client = self.worker(kind, service), self.client()
            client.ask(service, b"work")
            leaving.take()
            leaving.disconnect()
            staying = self.worker(kind, service)
            self.assertEqual(staying.serve_one(meanwhile=staying.heartbeat), [b"work"])
            self.assertEqual(client.final(service), [b"work"])

    def test_DISCONNECT_gives_all_of_a_window_to_others_in_their_order(self):
        leaving, client = self.worker(window=8), self.client()
        for number in range(8):
            client.ask(self.service, b"id", b"%d" % number)
            leaving.take()
        leaving.disconnect()
        staying = self.worker(window=8)
        taken = {staying.serve_one(meanwhile=staying.heartbeat)[0] for _ in range(8)}
        self.assertEqual(taken, {b"%d" % number for number in range(8)})

    def test_the_death_of_a_connection_gives_what_it_held_to_another(self):
        for kind, window in KINDS:
            service = self.fresh_service()
            dying, client = self.worker(kind, service, window), self.client()
            client.ask(service, b"work")
            dying.take()
            dying.close()
            staying = self.worker(kind, service)
            self.assertEqual(staying.serve_one(meanwhile=staying.heartbeat), [b"work"])
            self.assertEqual(client.final(service), [b"work"])

    def test_a_silent_worker_with_a_window_loses_what_it_holds(self):
        """It promised heartbeats, so it does not keep its requests until their lease is over."""
        silent, client = self.worker(window=4), self.client()
        client.ask(self.service, b"work")
        silent.take()
        staying = self.worker()
        self.assertEqual(staying.serve_one(meanwhile=staying.heartbeat), [b"work"])
        self.assertEqual(client.final(self.service), [b"work"])
        silent.is_disconnected()

    def test_a_window_is_respected(self):
        client, held, workers = self.client(), {}, self.of_all_kinds()

        def all_live():
            for worker, _, window in workers:
                if window == 1:
                    worker.heartbeat()
                else:
                    worker.heartbeat_naming(*[address for address, _ in held.get(worker, [])])

        for worker, service, window in workers:
            for number in range(window + 2):
                client.ask(service, b"id", b"%d" % number)
        for worker, _, window in workers:
            held[worker] = [worker.take(meanwhile=all_live) for _ in range(window)]
        for worker, _, _ in workers:
            worker.gets_no_request(1.5 * self.broker.heartbeat, meanwhile=all_live)
        for worker, _, _ in workers:  # one comes free, one comes, and no more
            address, body = held[worker].pop(0)
            worker.final(address, *body)
            held[worker].append(worker.take(meanwhile=all_live))
            worker.gets_no_request(1.5 * self.broker.heartbeat, meanwhile=all_live)

    def test_requests_are_not_given_to_a_worker_that_is_full_if_another_is_free(self):
        first, client = self.worker(), self.client()
        client.ask(self.service, b"one")
        first.take()
        second = self.worker()
        client.ask(self.service, b"two")
        self.assertEqual(second.serve_one(meanwhile=second.heartbeat), [b"two"])
        self.assertEqual(client.final(self.service), [b"two"])
