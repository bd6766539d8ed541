"""What clients of both versions have in common."""
from collections import namedtuple

from peer import DEADLINE, Peer

Answer = namedtuple("Answer", "command service body")  # command: PARTIAL or FINAL


class Client(Peer):
    def ask(self, service, *body):
        self.send(*self.request_frames(service, *body))

    def answer(self, within=DEADLINE, meanwhile=None):
        return self.read(self.receive(within, meanwhile))

    def final(self, service, within=DEADLINE, meanwhile=None):
        """The body of the next answer, which must be the last to a request for this service."""
        answer = self.answer(within, meanwhile)
        is_final = (answer.command, answer.service) == ("FINAL", service.encode())
        assert is_final, "FINAL of %s expected, not %r" % (service, answer)
        return answer.body

    def call(self, service, *body, within=DEADLINE, meanwhile=None):
        self.ask(service, *body)
        return self.final(service, within, meanwhile)

    def hears_nothing_before(self, service, *body):
        """What was sent so far is not answered: the first to come is the answer to this."""
        return self.call(service, *body)
