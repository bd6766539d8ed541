"""The service `broker`: what operators see and do, in the shapes of doc/protocol.md."""
import msgpack

from broker import until_true
from case import Case
from client02 import Client02
from frames import header, refusal
from titanic import Queue
from worker01 import Worker01

TEXT, NUMBER, YES_NO, BYTES, LIST, MAP = str, int, bool, bytes, list, dict

STATUS = {"version": TEXT, "endpoint": TEXT, "state": TEXT, "uptime_ms": NUMBER, "connections": NUMBER,
          "clients": NUMBER, "workers": NUMBER, "services": NUMBER, "waiting": NUMBER, "delayed": NUMBER,
          "held": NUMBER, "bytes": NUMBER, "bytes_max": NUMBER, "queued": NUMBER, "queued_bytes": NUMBER,
          "queued_bytes_max": NUMBER, "queued_max": NUMBER, "answered": NUMBER, "dead": NUMBER, "memory": NUMBER,
          "memory_max": NUMBER, "oldest_ms": NUMBER, "counts": MAP}
SERVICE = {"name": TEXT, "workers": NUMBER, "paused": YES_NO, "waiting": NUMBER, "delayed": NUMBER, "held": NUMBER,
           "oldest_ms": NUMBER}
WORKER = {"name": TEXT, "key": TEXT, "service": TEXT, "protocol": TEXT, "window": NUMBER, "held": NUMBER,
          "silent_ms": NUMBER, "state": TEXT, "done": NUMBER}
CLIENT = {"name": TEXT, "key": TEXT, "waiting": NUMBER, "held": NUMBER, "bytes": NUMBER, "requests": NUMBER,
          "refused": NUMBER, "idle_ms": NUMBER}
QUEUED = {"ticket": TEXT, "service": TEXT, "state": TEXT, "client": TEXT, "age_ms": NUMBER, "bytes": NUMBER,
          "deliveries": NUMBER}
DEAD = {"ticket": TEXT, "service": TEXT, "client": TEXT, "reason": TEXT, "deliveries": NUMBER, "age_ms": NUMBER,
        "dead_ms": NUMBER, "bytes": NUMBER}
DEATH = {**DEAD, "history": LIST, "frames": LIST}
DELIVERY = {"ago_ms": NUMBER, "worker": TEXT, "outcome": TEXT}

BAD_ARGUMENT = ("malformed", "bad-value")
UNKNOWN_TICKET = "0123456789abcdef" * 2


def check_shape(value, shape):
    assert isinstance(value, dict) and set(value) == set(shape), "%r has not the keys %r" % (value, sorted(shape))
    for key, kind in shape.items():
        assert type(value[key]) is kind, "%s is not %s: %r" % (key, kind.__name__, value)
        assert kind is not int or value[key] >= 0, "%s is negative: %r" % (key, value)


class Operator(Client02):
    """A client that speaks of the broker itself."""

    def do(self, operation, **arguments):
        """The map under `ok`."""
        frame = self.call("broker", msgpack.packb({"op": operation, **arguments}))[0]
        body = msgpack.unpackb(frame)
        assert list(body) == ["ok"], "%s was refused: %r" % (operation, body)
        return body["ok"]

    def is_refused(self, code, operation, **arguments):
        frame = self.call("broker", msgpack.packb({"op": operation, **arguments}))[0]
        return refusal(frame, code)

    def list(self, operation, shape, **arguments):
        answer = self.do(operation, **arguments)
        assert {"items"} <= set(answer) <= {"items", "after"}, "not a list: %r" % answer
        for item in answer["items"]:
            check_shape(item, shape)
        return answer["items"]

    def one(self, operation, shape, **wanted):
        """The only item of the list that has these values."""
        items = [item for item in self.list(operation, shape) if all(item[key] == wanted[key] for key in wanted)]
        assert len(items) == 1, "%r: %r" % (wanted, items)
        return items[0]


class Operators(Case):
    group = "operators"
    settings = {"backoff_ms": 10, "backoff_max_ms": 20, "deliveries_max": 2}

    def setUp(self):
        super().setUp()
        self.operator = self.peer(Operator, keys=self.broker.operator_keys)

    def test_only_operators_are_answered(self):
        for keys in (None, self.broker.worker_keys):
            stranger = self.peer(Operator, keys=keys)
            for operation in ("status", "drain", "metrics", "dead-list", "no-such"):
                stranger.is_refused("not-allowed", operation)
        self.assertEqual(self.operator.do("status")["state"], "serving")

    def test_a_worker_may_not_register_this_name(self):
        for keys in (self.broker.operator_keys, self.broker.worker_keys):
            worker = self.unregistered(keys=keys)
            worker.say("READY", b"broker")
            worker.is_disconnected()
        self.operator.do("status")

    def test_the_id_is_repeated(self):
        question = msgpack.packb({"op": "status"})
        for own_id in (b"id", header(b"id")):
            answer = self.operator.call("broker", own_id, question)
            self.assertEqual((answer[0], len(answer)), (own_id, 2))

    def test_questions_that_are_none(self):
        self.operator.is_refused("unknown-operation", "no-such")
        for body in (b"", b"status", b"\x80", b"\xc0", b"\xdd\xff\xff\xff\xff", b"\x81\xa2op\x01", b"\xff" * 300):
            with self.subTest(body):
                refusal(self.operator.call("broker", body)[0], "malformed")

    def test_arguments_that_are_none(self):
        for operation, arguments in (("pause", {}), ("pause", {"service": 7}), ("dead-show", {}), ("dead-retry", {}),
                                     ("services", {"limit": 0}), ("services", {"limit": 501}),
                                     ("services", {"limit": "x"}), ("services", {"limit": -1}),
                                     ("services", {"after": 7}), ("services", {"after": "no cursor"}),
                                     ("dead-drop", {"all": "yes"}), ("dead-drop", {"all": False})):
            with self.subTest("%s %r" % (operation, arguments)):
                self.operator.is_refused(BAD_ARGUMENT, operation, **arguments)

    def test_status(self):
        self.worker()
        status = self.operator.do("status")
        check_shape(status, STATUS)
        self.assertEqual((status["endpoint"], status["state"]), (self.broker.endpoint, "serving"))
        self.assertGreaterEqual(status["workers"], 1)
        self.assertGreaterEqual(status["connections"], 2)
        self.assertTrue(all(isinstance(word, str) and type(count) is int for word, count in status["counts"].items()))

    def test_status_counts_what_waits_and_what_is_held(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"held")
        client.ask(self.service, b"waits")
        address, _ = worker.take()
        client.hears_nothing_before("mmi.other", b"x")
        status = self.operator.do("status")
        for key in ("waiting", "held", "bytes"):
            self.assertGreaterEqual(status[key], 1)

    def test_services(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"held")
        client.ask(self.service, b"waits")
        worker.take()
        client.hears_nothing_before("mmi.other", b"x")
        service = self.operator.one("services", SERVICE, name=self.service)
        self.assertEqual({key: service[key] for key in ("workers", "paused", "waiting", "delayed", "held")},
                         {"workers": 1, "paused": False, "waiting": 1, "delayed": 0, "held": 1})

    def test_workers(self):
        worker, old = self.worker(window=3), self.worker(Worker01, self.fresh_service(), keys=self.broker.second_keys)
        client = self.client()
        for _ in range(4):
            client.ask(self.service, b"work")
        worker.serve_one()
        client.final(self.service)
        found = self.operator.one("workers", WORKER, service=self.service)
        self.assertEqual({key: found[key] for key in ("name", "key", "protocol", "window", "held", "state", "done")},
                         {"name": "worker", "key": self.broker.worker_keys.text, "protocol": "0.2", "window": 3,
                          "held": 3, "state": "busy", "done": 1})
        found = self.operator.one("workers", WORKER, name="second", protocol="0.1")
        self.assertEqual((found["window"], found["held"], found["state"]), (1, 0, "ready"))
        old.close()

    def test_clients(self):
        client, worker = self.client(), self.worker()
        for _ in range(3):
            client.ask(self.service, b"work")
        worker.serve_one()
        client.final(self.service)
        worker.take()
        found = self.operator.one("clients", CLIENT, key=client.keys.text)
        self.assertEqual({key: found[key] for key in ("name", "waiting", "held", "requests", "refused")},
                         {"name": "", "waiting": 1, "held": 1, "requests": 3, "refused": 0})

    def test_lists_come_in_pieces(self):
        services = [self.fresh_service() for _ in range(5)]
        for service in services:
            self.worker(service=service)
        names, arguments = [], {"limit": 2}
        while True:
            answer = self.operator.do("services", **arguments)
            self.assertLessEqual(len(answer["items"]), 2)
            names += [item["name"] for item in answer["items"]]
            if "after" not in answer:
                break
            arguments["after"] = answer["after"]
        self.assertEqual(len(names), len(set(names)))
        self.assertLessEqual(set(services), set(names))

    def test_pause_and_resume(self):
        worker, client = self.worker(), self.client()
        self.assertEqual(self.operator.do("pause", service=self.service), {"paused": True})
        client.ask(self.service, b"waits")
        client.hears_nothing_before("mmi.other", b"x")
        service = self.operator.one("services", SERVICE, name=self.service)
        self.assertEqual((service["paused"], service["waiting"], service["held"]), (True, 1, 0))
        self.assertEqual(self.operator.do("resume", service=self.service), {"paused": False})
        self.assertEqual(worker.serve_one(), [b"waits"])
        self.assertEqual(client.final(self.service), [b"waits"])

    def test_what_is_held_is_finished_while_a_service_is_paused(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"held")
        address, _ = worker.take()
        self.operator.do("pause", service=self.service)
        worker.final(address, b"finished")
        self.assertEqual(client.final(self.service), [b"finished"])
        self.operator.do("resume", service=self.service)

    def test_queue(self):
        queue = Queue(self.client())
        waits, service = queue.request(self.service, b"waits"), self.fresh_service()
        answered = queue.request(service, b"answered")
        worker = self.worker(service=service)
        worker.serve_one(b"done")
        queue.finished(answered)
        held = queue.request(service, b"held")
        worker.take()
        for ticket, name, state, deliveries in ((waits, self.service, "waiting", 0), (held, service, "held", 1),
                                                (answered, service, "answered", 1)):
            found = self.operator.one("queue", QUEUED, ticket=ticket.decode())
            self.assertEqual((found["service"], found["state"], found["deliveries"]), (name, state, deliveries))
            self.assertEqual(found["client"], queue.client.keys.text)

    def test_metrics(self):
        text = self.operator.do("metrics")["text"]
        self.assertIn("# TYPE troth_", text)
        for line in text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                self.assertTrue(name.startswith("troth_"), line)
                float(value)
        self.assertTrue(text.endswith("\n"))


class DeadLetters(Case):
    group = "dead letters"
    settings = {"backoff_ms": 10, "backoff_max_ms": 20, "deliveries_max": 2}

    def setUp(self):
        super().setUp()
        self.operator = self.peer(Operator, keys=self.broker.operator_keys)
        self.queue = Queue(self.client())

    def die(self, *body):
        """A request that every worker leaves; its ticket."""
        ticket = self.queue.request(self.service, *body)
        for _ in range(2):
            worker = self.worker()
            worker.take()
            worker.close()
        self.assertEqual(self.queue.finished(ticket)[0], b"500")
        return ticket.decode()

    def test_they_are_listed_with_their_reason(self):
        ticket = self.die(b"poison")
        found = self.operator.one("dead-list", DEAD, ticket=ticket)
        self.assertEqual((found["service"], found["deliveries"]), (self.service, 2))
        self.assertEqual(found["client"], self.queue.client.keys.text)
        self.assertNotEqual(found["reason"], "")

    def test_one_is_shown_with_history_and_frames(self):
        ticket = self.die(b"poison", b"in two frames")
        for prefix in (ticket, ticket[:8]):
            dead = self.operator.do("dead-show", ticket=prefix)["dead"]
            check_shape(dead, DEATH)
            self.assertEqual((dead["ticket"], dead["frames"]), (ticket, [b"poison", b"in two frames"]))
            self.assertEqual(len(dead["history"]), 2)
            for delivery in dead["history"]:
                check_shape(delivery, DELIVERY)
                self.assertNotEqual(delivery["outcome"], "")

    def test_an_ordinary_request_that_is_given_up_is_one_too(self):
        client, worker = self.client(), None
        client.ask(self.service, header(b"1"), b"poison")
        for _ in range(2):
            worker = self.worker()
            worker.take()
            worker.close()
        refusal(client.final(self.service)[1], "given-up")
        dead = until_true(lambda: [item for item in self.operator.list("dead-list", DEAD)
                                   if item["client"] == client.keys.text], "a dead letter")[0]
        self.assertEqual((dead["service"], dead["deliveries"]), (self.service, 2))
        shown = self.operator.do("dead-show", ticket=dead["ticket"])["dead"]
        self.assertEqual(shown["frames"][-1], b"poison")
        self.assertEqual(self.operator.do("dead-retry", ticket=dead["ticket"]), {"count": 1})
        self.assertEqual(self.worker().serve_one(b"done"), [b"poison"])
        self.assertEqual(Queue(client).finished(dead["ticket"].encode()), [b"200", b"done"])

    def test_the_largest_one_can_be_shown_or_is_refused(self):
        ticket = self.die(b"m" * 262144)
        answer = msgpack.unpackb(self.operator.call("broker", msgpack.packb({"op": "dead-show", "ticket": ticket}))[0])
        self.assertIn(list(answer), (["ok"], ["error"]))
        self.assertEqual(self.operator.do("dead-drop", ticket=ticket), {"count": 1})

    def test_retry_gives_it_out_again(self):
        ticket = self.die(b"not so bad")
        self.assertEqual(self.operator.do("dead-retry", ticket=ticket), {"count": 1})
        self.assertEqual(self.queue.reply(ticket.encode()), [b"300"])
        self.assertEqual(self.worker().serve_one(b"done"), [b"not so bad"])
        self.assertEqual(self.queue.finished(ticket.encode()), [b"200", b"done"])
        self.operator.is_refused("not-found", "dead-show", ticket=ticket)

    def test_drop_forgets_it(self):
        ticket = self.die(b"poison")
        self.assertEqual(self.operator.do("dead-drop", ticket=ticket), {"count": 1})
        self.operator.is_refused("not-found", "dead-show", ticket=ticket)
        self.assertEqual(self.queue.reply(ticket.encode()), [b"400"])

    def test_all_of_them_at_once(self):
        self.operator.do("dead-drop", all=True)
        for body in (b"one", b"two", b"three"):
            self.die(body)
        self.assertEqual(self.operator.do("dead-retry", all=True), {"count": 3})
        worker = self.worker(window=3)
        self.assertEqual({worker.serve_one()[0] for _ in range(3)}, {b"one", b"two", b"three"})
        self.assertEqual(self.operator.list("dead-list", DEAD), [])
        self.assertEqual(self.operator.do("dead-drop", all=True), {"count": 0})

    def test_tickets_that_are_none_are_refused(self):
        for operation in ("dead-show", "dead-retry", "dead-drop"):
            self.operator.is_refused("not-found", operation, ticket=UNKNOWN_TICKET)
            self.operator.is_refused(BAD_ARGUMENT, operation, ticket="0123456")
            self.operator.is_refused(None, operation, ticket="not a ticket")


class Draining(Case):
    group = "draining"
    own_broker = True

    def setUp(self):
        super().setUp()
        self.operator = self.peer(Operator, keys=self.broker.operator_keys)

    def state(self):
        return self.operator.do("status")["state"]

    def test_drain_finishes_what_is_held_and_takes_no_more(self):
        client, worker = self.client(), self.worker()
        client.ask(self.service, b"held")
        address, _ = worker.take()
        self.assertEqual(self.operator.do("drain"), {"held": 1, "waiting": 0, "queued": 0})
        self.assertEqual(self.state(), "draining")
        client.ask(self.service, b"new")
        refusal(client.final(self.service)[0], "busy")
        worker.final(address, b"finished")
        self.assertEqual(client.final(self.service), [b"finished"])
        until_true(lambda: self.state() == "drained", "nothing is held")
        self.operator.do("resume")
        self.assertEqual(self.state(), "serving")
        client.ask(self.service, b"again")
        self.assertEqual(worker.serve_one(), [b"again"])
        self.assertEqual(client.final(self.service), [b"again"])

    def test_what_waits_is_refused_so_that_it_can_go_to_another_broker(self):
        client = self.client()
        client.ask(self.service, b"id", b"waits")
        client.hears_nothing_before("mmi.other", b"x")
        self.assertEqual(self.operator.do("drain"), {"held": 0, "waiting": 0, "queued": 0})
        own_id, error = client.final(self.service)
        self.assertEqual(own_id, b"id")
        refusal(error, "busy")

    def test_what_is_in_the_durable_queue_waits_until_it_serves_again(self):
        queue, worker = Queue(self.client()), self.worker(service="s90")
        ticket = queue.request(self.service, b"work")
        self.assertEqual(self.operator.do("drain")["queued"], 1)
        status, error = queue.call("request", self.service.encode(), b"new work")
        self.assertEqual(status, b"500")
        refusal(error, "busy")
        self.assertEqual(queue.reply(ticket), [b"300"])
        serving = self.worker()
        self.assertEqual(queue.reply(ticket), [b"300"])
        self.operator.do("resume")
        self.assertEqual(serving.serve_one(b"done"), [b"work"])
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])
        worker.disconnect()

    def test_only_resume_without_a_service_ends_draining(self):
        self.operator.do("drain")
        self.operator.is_refused(BAD_ARGUMENT, "resume", service=7)
        self.assertEqual(self.state(), "drained")
