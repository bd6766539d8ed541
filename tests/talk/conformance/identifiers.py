"""The id frame: opaque or a header, repeated by whoever answers, the broker too; and what a header asks for."""
from case import Case
from client01 import Client01
from client02 import Client02
from frames import BATCH, INTERACTIVE, header, refusal
from worker02 import Worker02

TRACE = bytes(range(1, 17))
SPAN = bytes(range(1, 9))
WHOLE_HEADER = header(b"own id", priority=INTERACTIVE, trace_id=TRACE, span_id=SPAN, flags=1)

# name, body frames of a request, how many of them are the id
BODIES = [
    ("no id", [b"body"], 0),
    ("an opaque id", [b"id", b"body"], 1),
    ("an empty opaque id", [b"", b"body"], 1),
    ("an opaque id of 64 bytes", [b"i" * 64, b"body"], 1),
    ("two frames, the first of 65 bytes", [b"i" * 65, b"body"], 0),
    ("three frames", [b"a", b"b", b"c"], 0),
    ("a header and a body", [WHOLE_HEADER, b"body"], 1),
    ("a header without an own id", [header(), b"body"], 1),
    ("a header of 64 bytes", [header(b"i" * 30), b"body"], 1),
    ("a header and three frames", [WHOLE_HEADER, b"a", b"b", b"c"], 1),
    ("three frames, a header of 65 bytes", [header(b"i" * 31), b"b", b"c"], 0),
    ("three frames, a header of 33 bytes", [header()[:33], b"b", b"c"], 0),
    ("three frames, a header with priority 2", [header(priority=2), b"b", b"c"], 0),
    ("three frames, another magic", [b"TRH2" + header()[4:], b"b", b"c"], 0),
    ("a header alone", [header()], 0),
]


class Identifiers(Case):
    group = "ids"
    settings = {"queue_ms": 200}

    def test_the_worker_sees_all_frames_as_the_client_sent_them(self):
        worker, client = self.worker(), self.client()
        for name, body, _ in BODIES:
            with self.subTest(name):
                client.ask(self.service, *body)
                address, taken = worker.take()
                self.assertEqual(taken, body)
                worker.final(address, b"ok")
                self.assertEqual(client.final(self.service), [b"ok"])

    def repeats_in_refusals(self, client_kind):
        for name, body, id_count in BODIES:
            client, service = self.client(client_kind), self.fresh_service()
            client.ask(service, *body)
            self.addCleanup(client.close)
            yield name, body[:id_count], client, service

    def check_refusals(self, client_kind):
        for name, id_frames, client, service in list(self.repeats_in_refusals(client_kind)):
            with self.subTest(name):
                *front, error = client.final(service)
                self.assertEqual(front, id_frames)
                refusal(error, "no-worker")

    def test_a_refusal_repeats_the_id_to_a_0_1_client(self):
        self.check_refusals(Client01)

    def test_a_refusal_repeats_the_id_to_a_0_2_client(self):
        self.check_refusals(Client02)

    def test_mmi_repeats_the_id(self):
        for client_kind in (Client01, Client02):
            client = self.client(client_kind)
            for own_id in (b"id", b"", b"i" * 64, WHOLE_HEADER):
                self.assertEqual(client.call("mmi.service", own_id, b"nobody"), [own_id, b"404"])

    def test_ids_of_two_clients_do_not_meet(self):
        worker, first, second = self.worker(window=2), self.client(), self.client()
        first.ask(self.service, b"same", b"first")
        second.ask(self.service, b"same", b"second")
        for _ in range(2):
            worker.serve_one()
        self.assertEqual(first.final(self.service), [b"same", b"first"])
        self.assertEqual(second.final(self.service), [b"same", b"second"])


class Headers(Case):
    group = "headers"

    def test_interactive_requests_go_before_batch(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"blocker")
        address, _ = worker.take()
        client.ask(self.service, header(b"b", priority=BATCH), b"batch")
        client.ask(self.service, header(b"i", priority=INTERACTIVE), b"interactive")
        client.ask(self.service, b"plain")
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"200"])
        worker.final(address, b"ok")
        self.assertEqual([worker.serve_one() for _ in range(3)], [[b"interactive"], [b"plain"], [b"batch"]])

    def test_batch_requests_are_not_put_off_for_ever(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"blocker")
        address, _ = worker.take()
        client.ask(self.service, header(b"b", priority=BATCH), b"batch")
        for number in range(30):
            client.ask(self.service, header(b"%d" % number), b"interactive")
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"200"])
        worker.final(address, b"ok")
        self.assertEqual([worker.serve_one() for _ in range(8)].count([b"batch"]), 1)

    def test_the_same_request_again_is_not_carried_out_beside_itself(self):
        worker, client = self.worker(window=4), self.client()
        again = self.client(keys=client.keys)
        client.ask(self.service, header(b"1"), b"work")
        address, body = worker.take()
        again.ask(self.service, header(b"1"), b"work")
        self.assertEqual(again.hears_nothing_before("mmi.service", self.service.encode()), [b"200"])
        worker.final(address, *body)
        self.assertEqual(again.final(self.service), [header(b"1"), b"work"])  # to where it was asked last
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"200"])
        client.ask(self.service, header(b"1"), b"work")  # the first one is over: this is a request like any other
        self.assertEqual(worker.serve_one(), [b"work"])

    def test_another_request_under_the_same_id_is_refused(self):
        worker, client = self.worker(window=4), self.client()
        client.ask(self.service, header(b"1"), b"work")
        address, body = worker.take()
        client.ask(self.service, header(b"1"), b"other work")
        own_id, error = client.final(self.service)
        self.assertEqual(own_id, header(b"1"))
        refusal(error, "exists")
        worker.final(address, *body)
        self.assertEqual(client.final(self.service), [header(b"1"), b"work"])

    def test_the_same_id_of_another_client_is_another_request(self):
        worker, client, other = self.worker(window=4), self.client(), self.client()
        client.ask(self.service, header(b"1"), b"work")
        other.ask(self.service, header(b"1"), b"other work")
        self.assertEqual({worker.serve_one()[0] for _ in range(2)}, {b"work", b"other work"})
        self.assertEqual(client.final(self.service), [header(b"1"), b"work"])

    def test_a_request_that_nobody_wants_any_more_is_not_handed_out(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"blocker")
        address, _ = worker.take()
        client.ask(self.service, header(b"short", ttl_ms=50), b"stale")
        own_id, error = client.final(self.service)
        self.assertEqual(own_id, header(b"short", ttl_ms=50))
        refusal(error)
        worker.final(address, b"ok")
        self.assertEqual(client.final(self.service), [b"ok"])
        client.ask(self.service, b"next")
        self.assertEqual(worker.serve_one(), [b"next"])

    def test_a_request_within_its_time_is_answered(self):
        worker, client = self.worker(Worker02), self.client()
        own_id = header(b"long", ttl_ms=60000)
        client.ask(self.service, own_id, b"fresh")
        worker.serve_one()
        self.assertEqual(client.final(self.service), [own_id, b"fresh"])
