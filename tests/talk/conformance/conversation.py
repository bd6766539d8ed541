"""Requests and replies between clients and workers of both versions (RFC 7 and 18, doc/protocol.md sections 2 to 4)."""
import zmq

from case import Case, in_all_pairings
from client01 import Client01
from client02 import Client02
from frames import header, refusal, split_id
from worker01 import Worker01
from worker02 import TOKEN_SIZE, Worker02

MANY = 200
FRAME_MOST = 262144


@in_all_pairings
class Conversation(Case):
    group = "conversation"

    def each_a_request_and_its_reply(self, client_kind, worker_kind):
        worker, client = self.worker(worker_kind), self.client(client_kind)
        client.ask(self.service, b"hello")
        address, body = worker.take()
        self.assertEqual(body, [b"hello"])
        worker.final(address, b"world")
        self.assertEqual(client.final(self.service), [b"world"])

    def each_many_in_flight(self, client_kind, worker_kind):
        worker, client = self.worker(worker_kind), self.client(client_kind)
        for number in range(MANY):
            client.ask(self.service, b"id-%d" % number, b"body-%d" % number)
        for _ in range(MANY):
            worker.serve_one()
        answers = {tuple(client.final(self.service)) for _ in range(MANY)}
        self.assertEqual(answers, {(b"id-%d" % number, b"body-%d" % number) for number in range(MANY)})

    def each_bodies_of_several_frames(self, client_kind, worker_kind):
        worker, client = self.worker(worker_kind), self.client(client_kind)
        asked = [b"", b"\x00", b"x" * 255, b"y" * 256, b"z" * 70000]
        client.ask(self.service, *asked)
        address, body = worker.take()
        self.assertEqual(body, asked)
        worker.final(address, *reversed(asked))
        self.assertEqual(client.final(self.service), asked[::-1])

    def each_the_largest_frame(self, client_kind, worker_kind):
        worker, client = self.worker(worker_kind), self.client(client_kind)
        client.ask(self.service, b"m" * FRAME_MOST)
        self.assertEqual(worker.serve_one(), [b"m" * FRAME_MOST])
        self.assertEqual(client.final(self.service), [b"m" * FRAME_MOST])

    def each_an_empty_body(self, client_kind, worker_kind):
        worker, client = self.worker(worker_kind), self.client(client_kind)
        client.ask(self.service, b"")
        self.assertEqual(worker.serve_one(b""), [b""])
        self.assertEqual(client.final(self.service), [b""])

    def each_two_workers_share_the_work(self, client_kind, worker_kind):
        workers, client = [self.worker(worker_kind), self.worker(worker_kind)], self.client(client_kind)
        client.ask(self.service, b"one")
        client.ask(self.service, b"two")
        taken = [worker.take() for worker in workers]
        self.assertEqual({body[0] for _, body in taken}, {b"one", b"two"})
        for worker, (address, body) in zip(workers, taken):
            worker.final(address, *body)
        self.assertEqual({client.final(self.service)[0] for _ in taken}, {b"one", b"two"})

    def each_a_client_that_leaves_harms_nobody(self, client_kind, worker_kind):
        worker, leaving = self.worker(worker_kind), self.client(client_kind)
        leaving.ask(self.service, b"bye")
        address, _ = worker.take()
        leaving.close()
        worker.final(address, b"nobody there")
        client = self.client(client_kind)
        client.ask(self.service, b"next")
        self.assertEqual(worker.serve_one(), [b"next"])
        self.assertEqual(client.final(self.service), [b"next"])

    def each_request_waits_for_a_worker_to_come(self, client_kind, worker_kind):
        client = self.client(client_kind)
        client.ask(self.service, b"early")
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"404"])
        self.assertEqual(self.worker(worker_kind).serve_one(), [b"early"])
        self.assertEqual(client.final(self.service), [b"early"])


class Replies(Case):
    group = "replies"

    def test_a_0_2_client_hears_PARTIALs_and_then_FINAL(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"go")
        address, _ = worker.take()
        worker.partial(address, b"one")
        worker.partial(address, b"two", b"of", b"three frames")
        worker.final(address, b"three")
        heard = [client.answer() for _ in range(3)]
        self.assertEqual([answer.command for answer in heard], ["PARTIAL", "PARTIAL", "FINAL"])
        self.assertEqual([answer.body for answer in heard], [[b"one"], [b"two", b"of", b"three frames"], [b"three"]])

    def test_a_PARTIAL_arrives_while_the_request_is_still_worked_on(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"go")
        address, _ = worker.take()
        worker.partial(address, b"soon")
        self.assertEqual(client.answer(), ("PARTIAL", self.service.encode(), [b"soon"]))
        worker.final(address, b"now")
        self.assertEqual(client.final(self.service), [b"now"])

    def test_PARTIALs_are_dropped_for_a_0_1_client(self):
        worker, client = self.worker(), self.client(Client01)
        client.ask(self.service, b"go")
        address, _ = worker.take()
        worker.partial(address, b"one")
        worker.partial(address, b"two")
        worker.final(address, b"three")
        self.assertEqual(client.final(self.service), [b"three"])

    def test_after_FINAL_nothing_more_comes(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"go")
        address, _ = worker.take()
        worker.final(address, b"done")
        worker.final(address, b"done again")
        worker.partial(address, b"late")
        self.assertEqual(client.final(self.service), [b"done"])
        client.ask(self.service, b"next")
        self.assertEqual(worker.serve_one(), [b"next"])
        self.assertEqual(client.final(self.service), [b"next"])

    def test_a_0_1_client_with_a_REQ_socket(self):
        worker, client = self.worker(Worker01), self.client(Client01, socket_type=zmq.REQ)
        for text in (b"one", b"two"):
            client.send(b"MDPC01", self.service.encode(), text)
            worker.serve_one()
            self.assertEqual(client.receive(), [b"MDPC01", self.service.encode(), text])

    def test_answers_in_another_order_find_their_requests(self):
        worker, client = self.worker(window=16), self.client()
        for number in range(16):
            client.ask(self.service, b"id-%d" % number, b"%d" % number)
        for address, (own_id, text) in reversed([worker.take() for _ in range(16)]):
            worker.final(address, own_id, text)
        heard = [client.final(self.service) for _ in range(16)]
        self.assertEqual(heard, [[b"id-%d" % number, b"%d" % number] for number in reversed(range(16))])

    def test_an_address_is_a_fresh_token_and_the_key_of_the_client(self):
        worker, client = self.worker(window=2), self.client()
        client.ask(self.service, b"one")
        client.ask(self.service, b"two")
        first, second = [worker.take()[0] for _ in range(2)]
        self.assertEqual([first[TOKEN_SIZE:], second[TOKEN_SIZE:]], [client.keys.raw] * 2)
        self.assertNotEqual(first[:TOKEN_SIZE], second[:TOKEN_SIZE])

    def test_a_frame_above_the_limit_cuts_the_connection_only_of_its_sender(self):
        client = self.client()
        client.ask(self.service, b"m" * (FRAME_MOST + 1))
        client.connection_event(zmq.EVENT_DISCONNECTED)
        self.the_broker_goes_on()

    def test_any_number_of_frames_is_passed_on_whole_or_not_at_all(self):
        for worker_kind in (Worker01, Worker02):
            service = self.fresh_service()
            worker, client = self.worker(worker_kind, service), self.client()
            for count in range(1, 24):
                client.ask(service, header(b"%d" % count), *[b"frame"] * count)
                client.ask(service, header(b"marker"), b"marker")
                self.passes_whole_or_not(worker, client, service, count)
        self.the_broker_goes_on()

    def passes_whole_or_not(self, worker, client, service, count):
        own_id = None
        while own_id != header(b"marker"):
            address, (own_id, *payload) = worker.take()
            self.assertIn(payload, ([b"frame"] * count, [b"marker"]))
            worker.final(address, own_id, b"ok")
        answers = []
        while not answers or answers[-1][0] != header(b"marker"):
            answers.append(client.final(service))
        for own_id, text in answers[:-1]:
            self.assertEqual(own_id, header(b"%d" % count))
            if text != b"ok":
                refusal(text)

    def test_a_message_of_5000_frames_is_thrown_away(self):
        client = self.client()
        client.ask(self.service, *[b""] * 5000)
        self.assertEqual(client.hears_nothing_before("mmi.service", self.service.encode()), [b"404"])

    def test_a_reply_of_too_many_frames_is_thrown_away(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"go")
        address, _ = worker.take()
        worker.final(address, *[b"frame"] * 5000)
        worker.final(address, b"short")
        self.assertEqual(client.final(self.service), [b"short"])
        self.the_broker_goes_on()

    def test_an_opaque_id_reaches_the_worker_in_front_of_the_body(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"my id", b"body")
        address, body = worker.take()
        self.assertEqual((split_id(body)), ([b"my id"], [b"body"]))
        worker.final(address, *body)
        self.assertEqual(client.final(self.service), [b"my id", b"body"])
