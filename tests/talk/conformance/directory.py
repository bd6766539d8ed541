"""RFC 8: the services mmi.*, answered by the broker itself."""
from broker import until_true
from case import Case
from client01 import Client01
from client02 import Client02
from worker01 import Worker01
from worker02 import Worker02


class Directory(Case):
    group = "mmi"

    def ask(self, service, *body):
        """What clients of both versions are told, which must be the same."""
        told = [self.client(kind).call(service, *body) for kind in (Client01, Client02)]
        self.assertEqual(told[0], told[1])
        return told[0]

    def test_mmi_service_says_404_without_a_worker(self):
        self.assertEqual(self.ask("mmi.service", self.service.encode()), [b"404"])

    def test_mmi_service_says_200_with_a_worker(self):
        for worker_kind in (Worker01, Worker02):
            service = self.fresh_service()
            self.worker(worker_kind, service)
            self.assertEqual(self.ask("mmi.service", service.encode()), [b"200"])

    def test_mmi_service_says_404_when_the_last_worker_has_left(self):
        first, second = self.worker(), self.worker()
        client = self.client()
        first.disconnect()
        self.assertEqual(client.call("mmi.service", self.service.encode()), [b"200"])
        second.disconnect()
        until_true(lambda: client.call("mmi.service", self.service.encode()) == [b"404"], "the last worker has left")

    def test_a_request_that_waits_is_no_worker(self):
        client = self.client()
        client.ask(self.service, b"waits")
        self.assertEqual(client.call("mmi.service", self.service.encode()), [b"404"])

    def test_other_names_say_501(self):
        for name in ("mmi.other", "mmi.", "mmi.services", "mmi.service.x"):
            self.assertEqual(self.ask(name, b"x"), [b"501"])

    def test_a_worker_may_not_register_such_a_name(self):
        for worker_kind in (Worker01, Worker02):
            for name in (b"mmi.service", b"mmi.mine", b"mmi."):
                worker = self.unregistered(worker_kind)
                worker.say("READY", name)
                worker.is_disconnected()
        self.the_broker_goes_on()
