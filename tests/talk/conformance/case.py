"""What the cases share: one broker per class, peers that are closed afterwards, and the proof that it goes on."""
import unittest

from broker import Broker
from client01 import Client01
from client02 import Client02
from worker01 import Worker01
from worker02 import Worker02

PAIRINGS = [(client, worker) for client in (Client01, Client02) for worker in (Worker01, Worker02)]


class Case(unittest.TestCase):
    """`group` is the word in front of the cases' names; `settings` are the broker's. A class whose cases stop brokers
    has `own_broker`: each case gets one of its own."""

    group = ""
    settings = {}
    own_broker = False

    @classmethod
    def setUpClass(cls):
        if not cls.own_broker:
            cls.broker = Broker(**cls.settings)
            cls.addClassCleanup(cls.broker.remove)
            cls.broker.start()

    def setUp(self):
        if self.own_broker:
            self.broker = Broker(**self.settings)
            self.addCleanup(self.broker.remove)
            self.broker.start()
        self.service = self.fresh_service()

    def fresh_service(self):
        return next(self.broker.fresh_services)

    def peer(self, make, **options):
        """Any connection; it is closed after the case."""
        peer = make(self.broker, **options)
        self.addCleanup(peer.close)
        return peer

    def client(self, kind=Client02, **options):
        return self.peer(kind, **options)

    def worker(self, kind=Worker02, service=None, window=None, keys=None):
        """A worker that is registered."""
        worker = self.peer(kind, keys=keys or self.broker.worker_keys)
        return worker.ready(service or self.service, *([] if window is None else [b"%d" % window]))

    def unregistered(self, kind=Worker02, keys=None):
        return self.peer(kind, keys=keys or self.broker.worker_keys)

    def the_broker_goes_on(self):
        """Peers of both versions are served, and the processes that a case has harmed do not matter to them."""
        self.assertTrue(self.broker.is_running(), "the broker has ended")
        for client_kind, worker_kind in (PAIRINGS[0], PAIRINGS[-1]):
            service = self.fresh_service()
            worker, client = self.worker(worker_kind, service), self.client(client_kind)
            client.ask(service, b"still there?")
            worker.serve_one(b"yes")
            self.assertEqual(client.final(service), [b"yes"])
            worker.disconnect()
            worker.close()
            client.close()


def in_all_pairings(cls):
    """Makes four cases of each method `each_…(self, client_kind, worker_kind)`."""
    for name in [name for name in vars(cls) if name.startswith("each_")]:
        method = getattr(cls, name)
        for client, worker in PAIRINGS:
            def case(self, method=method, client=client, worker=worker):
                method(self, client, worker)
            setattr(cls, "test_%s: client %s, worker %s" % (name[len("each_"):], client.version, worker.version), case)
    return cls
