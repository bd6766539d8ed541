"""SIGTERM: what is held is finished, workers are told, and the exit status is 0."""
import zmq

from case import Case
from frames import refusal
from worker01 import Worker01
from worker02 import Worker02


class Ending(Case):
    group = "ending"
    own_broker = True

    def test_idle_workers_are_told_and_the_status_is_0(self):
        workers = [self.worker(Worker01), self.worker(Worker02)]
        self.broker.terminate()
        for worker in workers:
            worker.is_disconnected()
        self.assertEqual(self.broker.end(), 0)

    def test_what_is_held_is_finished(self):
        worker, client = self.worker(), self.client()
        client.ask(self.service, b"work")
        address, _ = worker.take()
        self.broker.terminate()
        client.ask(self.service, b"too late")
        refusal(client.final(self.service)[0], "busy")
        worker.final(address, b"finished")
        self.assertEqual(client.final(self.service), [b"finished"])
        self.assertEqual(self.broker.end(), 0)

    def test_what_waits_is_refused_with_a_time_to_retry(self):
        client = self.client()
        client.ask(self.service, b"waits")
        self.assertEqual(client.hears_nothing_before("mmi.other", b"x"), [b"501"])
        self.broker.terminate()
        refusal(client.final(self.service)[0], "busy")
        self.assertEqual(self.broker.end(), 0)

    def test_an_idle_broker_does_not_spin(self):
        worker, client = self.worker(Worker02), self.client()
        client.connection_event(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        used = self.broker.processor_seconds()
        worker.gets_no_request(1.0)
        self.assertLess(self.broker.processor_seconds() - used, 0.3)
