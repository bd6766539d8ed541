"""RFC 9: the durable queue. Its services are the broker's own; doc/protocol.md says what it adds."""
from case import Case, in_all_pairings
from client01 import Client01
from client02 import Client02
from broker import until_true
from frames import header, refusal, split_id
from worker02 import Worker02

FRAME_MOST = 262144
UNKNOWN = b"0123456789abcdef" * 2
ANSWER_FRAMES_MOST = 6  # 12 of a message, without the longest head, id and status


class Queue:
    """The three services, as one client uses them."""

    def __init__(self, client, own_id=()):
        self.client = client
        self.id_frames = list(own_id)

    def call(self, operation, *body):
        answer = self.client.call("titanic." + operation, *self.id_frames, *body)
        size = len(self.id_frames)
        assert answer[:size] == self.id_frames, "the id is not repeated: %r" % answer
        return answer[size:]

    def request(self, service, *body):
        """The ticket."""
        answer = self.call("request", service.encode(), *body)
        assert len(answer) == 2 and answer[0] == b"200", "not accepted: %r" % answer
        assert len(answer[1]) == 32 and set(answer[1]) <= set(b"0123456789abcdef"), "not a ticket: %r" % answer
        return answer[1]

    def reply(self, ticket):
        return self.call("reply", ticket)

    def close(self, ticket):
        assert self.call("close", ticket) == [b"200"]

    def finished(self, ticket):
        """The reply as soon as it is another than 300."""
        return until_true(lambda: (lambda answer: answer != [b"300"] and answer)(self.reply(ticket)), "an answer")


@in_all_pairings
class Titanic(Case):
    group = "titanic"
    settings = {"backoff_ms": 10, "backoff_max_ms": 20, "deliveries_max": 2}

    def queue(self, kind=Client02, own_id=(), **options):
        return Queue(self.client(kind, **options), own_id)

    def each_request_reply_and_close(self, client_kind, worker_kind):
        queue = self.queue(client_kind)
        ticket = queue.request(self.service, b"work")
        self.assertEqual(queue.reply(ticket), [b"300"])
        worker = self.worker(worker_kind)
        address, body = worker.take()
        id_frames, payload = split_id(body)
        self.assertEqual(payload, [b"work"])
        self.assertEqual(queue.reply(ticket), [b"300"])
        worker.final(address, *id_frames, b"done")
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])
        self.assertEqual(queue.reply(ticket), [b"200", b"done"])  # idempotent, until it is closed
        queue.close(ticket)
        self.assertEqual(queue.reply(ticket), [b"400"])
        queue.close(ticket)

    def each_bodies_of_several_frames(self, client_kind, worker_kind):
        queue, worker = self.queue(client_kind), self.worker(worker_kind)
        ticket = queue.request(self.service, b"", b"two", b"x" * 70000)
        self.assertEqual(worker.serve_one(b"1", b"", b"3"), [b"", b"two", b"x" * 70000])
        self.assertEqual(queue.finished(ticket), [b"200", b"1", b"", b"3"])

    def test_a_header_is_repeated(self):
        own_id = header(b"mine")
        queue, worker = self.queue(own_id=[own_id]), self.worker()
        ticket = queue.request(self.service, b"one", b"two")
        self.assertEqual(worker.serve_one(), [b"one", b"two"])
        self.assertEqual(queue.finished(ticket), [b"200", b"one", b"two"])
        queue.close(ticket)

    def test_an_opaque_id_is_repeated_by_reply_and_close(self):
        plain = self.queue()
        ticket = plain.request(self.service, b"work")
        with_id = Queue(plain.client, [b"my id"])
        self.assertEqual(with_id.reply(ticket), [b"300"])
        with_id.close(ticket)

    def test_the_trace_of_the_header_reaches_the_worker(self):
        trace = bytes(range(16))
        queue, worker = self.queue(own_id=[header(b"mine", trace_id=trace)]), self.worker()
        queue.request(self.service, b"traced")
        _, (front, *payload) = worker.take()
        self.assertEqual((front[10:26], payload), (trace, [b"traced"]))

    def test_the_same_request_has_the_same_ticket_and_is_done_once(self):
        queue, worker = self.queue(), self.worker(window=4)
        ticket = queue.request(self.service, b"work")
        self.assertEqual(queue.request(self.service, b"work"), ticket)
        self.assertEqual(worker.serve_one(b"done"), [b"work"])
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])
        self.assertEqual(queue.request(self.service, b"work"), ticket)
        queue.request(self.service, b"other work")
        self.assertEqual(worker.serve_one(), [b"other work"])

    def test_another_body_service_or_client_has_another_ticket(self):
        queue, other = self.queue(), self.queue()
        tickets = {queue.request(self.service, b"work"), queue.request(self.service, b"work "),
                   queue.request(self.service, b"wo", b"rk"), queue.request(self.fresh_service(), b"work"),
                   other.request(self.service, b"work")}
        self.assertEqual(len(tickets), 5)

    def test_a_reconnected_client_has_its_tickets(self):
        first = self.queue()
        ticket = first.request(self.service, b"work")
        first.client.close()
        second = self.queue(keys=first.client.keys)
        self.assertEqual(second.reply(ticket), [b"300"])
        self.assertEqual(second.request(self.service, b"work"), ticket)

    def test_another_clients_ticket_is_unknown(self):
        queue, stranger = self.queue(), self.queue()
        ticket = queue.request(self.service, b"work")
        self.assertEqual(stranger.reply(ticket), [b"400"])
        stranger.close(ticket)
        self.assertEqual(queue.reply(ticket), [b"300"])

    def test_an_operator_may_read_any_ticket(self):
        queue, operator = self.queue(), self.queue(keys=self.broker.operator_keys)
        ticket = queue.request(self.service, b"work")
        self.assertEqual(operator.reply(ticket), [b"300"])
        self.worker().serve_one(b"done")
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])
        self.assertEqual(operator.reply(ticket), [b"200", b"done"])

    def test_tickets_that_are_none_are_unknown(self):
        queue = self.queue()
        for ticket in (UNKNOWN, UNKNOWN.upper(), b"", b"x", UNKNOWN[:31], UNKNOWN + b"0", b"z" * 32):
            self.assertEqual(queue.reply(ticket)[0], b"400")
        queue.close(UNKNOWN)

    def test_requests_in_another_form_are_refused_with_400(self):
        for kind in (Client01, Client02):
            queue = self.queue(kind)
            for body in ([self.service.encode()], [b"", b"body"], [b"two words", b"body"], [b"n" * 65, b"body"],
                         [b"mmi.service", b"body"], [b"titanic.request", b"body"], [b"broker", b"body"]):
                with self.subTest(body):
                    answer = queue.call("request", *body)
                    self.assertEqual((answer[0], len(answer)), (b"400", 2))
                    refusal(answer[1])

    def test_a_worker_may_not_register_these_names(self):
        for name in (b"titanic.request", b"titanic.reply", b"titanic.close"):
            worker = self.unregistered()
            worker.say("READY", name)
            worker.is_disconnected()

    def test_PARTIALs_are_not_kept(self):
        queue, worker = self.queue(), self.worker()
        ticket = queue.request(self.service, b"work")
        address, body = worker.take()
        worker.partial(address, *split_id(body)[0], b"partly")
        self.assertEqual(queue.reply(ticket), [b"300"])
        worker.final(address, *split_id(body)[0], b"wholly")
        self.assertEqual(queue.finished(ticket), [b"200", b"wholly"])

    def test_the_largest_bodies(self):
        queue, worker, large = self.queue(), self.worker(), [b"m" * FRAME_MOST] * 5
        ticket = queue.request(self.service, *large)
        self.assertEqual(worker.serve_one(), large)
        self.assertEqual(queue.finished(ticket), [b"200", *large])

    def test_a_request_outlives_its_client(self):
        queue = self.queue()
        ticket = queue.request(self.service, b"work")
        queue.client.close()
        self.worker().serve_one(b"done")
        self.assertEqual(self.queue(keys=queue.client.keys).finished(ticket), [b"200", b"done"])

    def test_a_request_that_no_worker_finishes_is_given_up(self):
        queue = self.queue()
        ticket = queue.request(self.service, b"poison")
        for _ in range(2):
            worker = self.worker()
            worker.take()
            worker.close()
        status, error = queue.finished(ticket)
        self.assertEqual(status, b"500")
        refusal(error, "given-up")
        queue.close(ticket)
        self.assertEqual(queue.reply(ticket), [b"400"])

    def test_a_closed_request_is_not_handed_out(self):
        queue = self.queue()
        queue.close(queue.request(self.service, b"unwanted"))
        queue.request(self.service, b"wanted")
        self.assertEqual(self.worker().serve_one(), [b"wanted"])

    def test_a_request_that_is_closed_while_a_worker_holds_it(self):
        queue, worker = self.queue(), self.worker()
        ticket = queue.request(self.service, b"unwanted")
        address, body = worker.take()
        queue.close(ticket)
        worker.final(address, *body)
        self.assertEqual(queue.reply(ticket), [b"400"])
        queue.request(self.service, b"wanted")
        self.assertEqual(worker.serve_one(), [b"wanted"])

    def test_a_closed_request_may_be_made_again(self):
        queue, worker = self.queue(), self.worker()
        ticket = queue.request(self.service, b"work")
        worker.serve_one(b"once")
        self.assertEqual(queue.finished(ticket), [b"200", b"once"])
        queue.close(ticket)
        self.assertEqual(queue.request(self.service, b"work"), ticket)
        worker.serve_one(b"twice")
        self.assertEqual(queue.finished(ticket), [b"200", b"twice"])

    def test_the_same_request_twice_at_once_has_one_ticket(self):
        queue, worker = self.queue(), self.worker(window=4)
        for number in (b"1", b"2"):
            queue.client.ask("titanic.request", header(number), self.service.encode(), b"work")
        answers = [queue.client.final("titanic.request") for _ in range(2)]
        self.assertEqual({answer[0] for answer in answers}, {header(b"1"), header(b"2")})
        self.assertEqual((answers[0][1:], answers[0][1]), (answers[1][1:], b"200"))
        worker.serve_one()
        queue.request(self.service, b"next")
        self.assertEqual(worker.serve_one(), [b"next"])

    def test_an_answer_of_many_frames_is_kept_whole(self):
        """Up to what fits behind the longest head; of more, the client hears that they cannot be fetched."""
        for count in range(1, ANSWER_FRAMES_MOST + 2):
            service, frames = self.fresh_service(), [b"%d" % number for number in range(count)]
            worker = self.worker(service=service)
            for kind in (Client01, Client02):
                with self.subTest("%d frames to a %s client" % (count, kind.version)):
                    queue = self.queue(kind)
                    ticket = queue.request(service, b"work")
                    address, body = worker.take()
                    worker.final(address, *frames)
                    if count > ANSWER_FRAMES_MOST:
                        status, error = queue.finished(ticket)
                        self.assertEqual(status, b"500")
                        refusal(error, "too-long")
                        continue
                    self.assertEqual(queue.finished(ticket), [b"200", *frames])
                    self.assertEqual(Queue(queue.client, [b"id"]).reply(ticket), [b"200", *frames])


class Patience(Case):
    group = "titanic"
    settings = {"queue_ms": 50}

    def test_what_waits_in_the_durable_queue_does_not_expire_with_queue_ms(self):
        queue = Queue(self.client())
        ticket = queue.request(self.service, b"work")
        refusal(queue.client.call(self.fresh_service(), b"impatient")[0], "no-worker")  # queue-ms has passed
        self.assertEqual(queue.reply(ticket), [b"300"])
        self.worker().serve_one(b"done")
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])


class FullQueue(Case):
    group = "titanic"
    settings = {"queue_max": 2}

    def test_a_full_queue_refuses_with_busy_and_a_time_to_retry(self):
        queue = Queue(self.client())
        ticket = queue.request(self.service, b"one")
        queue.request(self.service, b"two")
        status, error = queue.call("request", self.service.encode(), b"three")
        self.assertEqual(status, b"500")
        refusal(error, "busy")
        self.assertEqual(queue.request(self.service, b"one"), ticket)  # it is there already
        queue.close(ticket)
        queue.request(self.service, b"three")


class Killed(Case):
    group = "titanic, kill -9"
    own_broker = True

    def restart(self):
        self.broker.kill()
        self.broker.start()

    def test_what_was_accepted_is_done_after_a_restart(self):
        keys = self.client().keys
        queue = Queue(self.client(keys=keys))
        tickets = {queue.request(self.service, b"%d" % number): b"%d" % number for number in range(20)}
        self.restart()
        queue, worker = Queue(self.client(keys=keys)), self.worker(window=4)
        self.assertEqual({worker.serve_one()[0] for _ in range(20)}, set(tickets.values()))
        for ticket, body in tickets.items():
            self.assertEqual(queue.finished(ticket), [b"200", body])

    def test_an_answer_that_was_read_is_still_there(self):
        keys = self.client().keys
        queue, worker = Queue(self.client(keys=keys)), self.worker()
        ticket = queue.request(self.service, b"work")
        worker.serve_one(b"done")
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])
        self.restart()
        queue = Queue(self.client(keys=keys))
        self.assertEqual(queue.reply(ticket), [b"200", b"done"])
        self.assertEqual(queue.request(self.service, b"work"), ticket)

    def test_what_a_worker_held_is_given_out_again(self):
        keys = self.client().keys
        queue, worker = Queue(self.client(keys=keys)), self.worker()
        ticket = queue.request(self.service, b"work")
        worker.take()
        self.restart()
        queue = Queue(self.client(keys=keys))
        self.assertEqual(queue.reply(ticket), [b"300"])
        self.assertEqual(self.worker().serve_one(b"done"), [b"work"])
        self.assertEqual(queue.finished(ticket), [b"200", b"done"])

    def test_what_was_closed_stays_closed(self):
        keys = self.client().keys
        queue = Queue(self.client(keys=keys))
        ticket = queue.request(self.service, b"work")
        queue.close(ticket)
        self.restart()
        self.assertEqual(Queue(self.client(keys=keys)).reply(ticket), [b"400"])
