"""How long a worker keeps a request, and what becomes of one that nobody finishes."""
import time

from case import Case
from frames import refusal
from worker01 import Worker01
from worker02 import Worker02

LEASE_MS = 600
BACKOFF_MS = 150
HEARTBEAT_MS = 100
BOTH_WORKERS = (Worker01, Worker02)


class Lease(Case):
    group = "lease"
    settings = {"heartbeat_ms": HEARTBEAT_MS, "lease_ms": LEASE_MS, "backoff_ms": 10, "backoff_max_ms": 50,
                "queue_ms": 60000, "deliveries_max": 5}
    lease = LEASE_MS / 1000

    def hold(self, kind=Worker02, window=None, service=None):
        """A worker that holds a request since `begin` at the earliest, and the client."""
        worker, client = self.worker(kind, service, window), self.client()
        begin = time.monotonic()
        client.ask(service or self.service, b"work")
        address, _ = worker.take()
        return worker, client, address, begin

    def test_a_plain_silent_worker_keeps_a_request_until_the_lease_is_over(self):
        services = [self.fresh_service() for _ in BOTH_WORKERS]
        held = [self.hold(kind, service=service) for kind, service in zip(BOTH_WORKERS, services)]
        others = [self.worker(kind, service) for kind, service in zip(BOTH_WORKERS, services)]

        def all_live():
            for other in others:
                other.heartbeat()

        for other, (_, client, _, begin), service in zip(others, held, services):
            self.assertEqual(other.serve_one(meanwhile=all_live), [b"work"])
            self.assertGreaterEqual(time.monotonic() - begin, self.lease)
            self.assertEqual(client.final(service), [b"work"])

    def test_a_plain_silent_worker_may_answer_before_the_lease_is_over(self):
        services = [self.fresh_service() for _ in BOTH_WORKERS]
        held = [self.hold(kind, service=service) for kind, service in zip(BOTH_WORKERS, services)]
        held[0][1].hears_nothing(4.5 * self.broker.heartbeat)  # a worker counts as silent after four
        for (worker, client, address, _), service in zip(held, services):
            worker.final(address, b"slow")
            self.assertEqual(client.final(service), [b"slow"])

    def test_a_plain_silent_worker_that_holds_a_request_is_given_no_new_one(self):
        worker, client, _, _ = self.hold()
        client.ask(self.service, b"more")
        worker.gets_no_request(0.7 * self.lease)
        other = self.worker(window=2)
        taken = {other.serve_one(meanwhile=other.heartbeat)[0] for _ in range(2)}
        self.assertEqual(taken, {b"work", b"more"})
        worker.is_disconnected()  # for without work it may not be silent

    def test_a_late_reply_is_ignored(self):
        late, client, old_address, _ = self.hold(Worker01)
        other = self.worker()
        new_address, _ = other.take(meanwhile=other.heartbeat)
        self.assertNotEqual(old_address[:16], new_address[:16])
        self.assertEqual(old_address[16:], new_address[16:])
        late.final(old_address, b"too late")
        self.assertEqual(client.hears_nothing_before("mmi.other", b"x"), [b"501"])
        other.final(new_address, b"in time")
        self.assertEqual(client.final(self.service), [b"in time"])

    def test_heartbeats_that_name_a_request_keep_its_lease(self):
        worker, client, address, begin = self.hold(window=2)
        other = self.worker()

        def both_live():
            worker.heartbeat_naming(address)
            other.heartbeat()

        other.gets_no_request(2.5 * self.lease, meanwhile=both_live)
        worker.final(address, b"long work")
        self.assertEqual(client.final(self.service), [b"long work"])

    def test_PARTIALs_keep_its_lease(self):
        worker, client, address, begin = self.hold()
        other = self.worker()

        def both_live():
            worker.partial(address, b"working")
            other.heartbeat()

        other.gets_no_request(1.5 * self.lease, meanwhile=both_live)
        worker.final(address, b"long work")
        while client.answer().command == "PARTIAL":
            pass

    def test_heartbeats_that_do_not_name_it_do_not_keep_its_lease(self):
        worker, client, _, begin = self.hold(window=2)
        other = self.worker()

        def both_live():
            worker.heartbeat_naming()
            other.heartbeat()

        self.assertEqual(other.serve_one(meanwhile=both_live), [b"work"])
        self.assertGreaterEqual(time.monotonic() - begin, self.lease)
        self.assertEqual(client.final(self.service), [b"work"])

    def test_a_heartbeat_that_names_one_does_not_keep_the_other(self):
        worker, client, first_address, _ = self.hold(window=2)
        client.ask(self.service, b"second")
        worker.take()
        other = self.worker(window=2)

        def both_live():
            worker.heartbeat_naming(first_address)
            other.heartbeat_naming()

        self.assertEqual(other.serve_one(meanwhile=both_live), [b"second"])
        worker.final(first_address, b"first")
        self.assertEqual({client.final(self.service)[0] for _ in range(2)}, {b"first", b"second"})


class Deliveries(Case):
    group = "deliveries"
    settings = {"heartbeat_ms": 2000, "backoff_ms": BACKOFF_MS, "backoff_max_ms": 2 * BACKOFF_MS, "deliveries_max": 3}

    def test_after_so_many_workers_a_request_is_refused(self):
        client = self.client()
        client.ask(self.service, b"id", b"poison")
        for _ in range(3):
            worker = self.worker()
            self.assertEqual(worker.take()[1], [b"id", b"poison"])
            worker.close()
        own_id, error = client.final(self.service)
        self.assertEqual(own_id, b"id")
        refusal(error, "given-up")
        self.the_broker_goes_on()

    def test_redelivery_waits_for_its_back_off(self):
        client, first = self.client(), self.worker()
        client.ask(self.service, b"work")
        first.take()
        second = self.worker()
        begin = time.monotonic()
        first.close()
        second.take()
        self.assertGreaterEqual(time.monotonic() - begin, 0.75 * BACKOFF_MS / 1000)  # a quarter less by chance

    def test_a_delayed_request_does_not_hold_up_others(self):
        client, first = self.client(), self.worker()
        client.ask(self.service, b"id", b"poison")
        first.take()
        second = self.worker()
        first.close()
        client.ask(self.service, b"id", b"next")
        taken = [second.serve_one() for _ in range(2)]
        self.assertEqual(sorted(taken), [[b"next"], [b"poison"]])

    def test_what_is_handed_back_by_DISCONNECT_goes_on_at_once_and_does_not_count(self):
        client, begin = self.client(), time.monotonic()
        client.ask(self.service, b"work")
        for _ in range(5):
            worker = self.worker()
            worker.take()
            worker.disconnect()
        self.worker().serve_one(b"done")
        self.assertEqual(client.final(self.service), [b"done"])
        self.assertLess(time.monotonic() - begin, 5 * BACKOFF_MS / 1000)
