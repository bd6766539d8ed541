"""The broker under test: a real build/troth-broker on a free port, in a folder of its own, with keys and lists.

It dies with this process (PR_SET_PDEATHSIG), however that ends."""
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time

import zmq
from zmq.utils import z85

PR_SET_PDEATHSIG = 1
START_SECONDS = 20
STOP_SECONDS = 20
SERVICES = ["s%02d" % number for number in range(100)]  # what listed workers may serve; each case takes fresh ones


class Keys:
    """A CURVE key pair, as libzmq makes it."""

    def __init__(self):
        self.public, self.secret = zmq.curve_keypair()
        self.raw = z85.decode(self.public)
        self.text = "curve25519:" + self.raw.hex()


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Broker:
    """Settings are given by their names in the file, with _ for -; their defaults here are those of a patient broker,
    on which no clock disturbs a conversation."""

    def __init__(self, **settings):
        self.settings = {"heartbeat_ms": 2000, "queue_ms": 60000, **settings}
        self.folder = tempfile.mkdtemp(prefix="troth-conformance-")
        self.worker_keys = Keys()    # may serve SERVICES
        self.second_keys = Keys()    # the same
        self.narrow_keys = Keys()    # may serve s00 only
        self.operator_keys = Keys()
        self.listed_clients = [Keys()]  # in the list of clients, if the settings have one
        everything = ",".join(SERVICES)
        self.allowed = [(self.worker_keys, "worker", everything), (self.second_keys, "second", everything),
                        (self.narrow_keys, "narrow", SERVICES[0]), (self.operator_keys, "operator", "broker")]
        self.fresh_services = iter(SERVICES)
        self.process = None
        self.write_lists()

    @property
    def heartbeat(self):
        """Seconds between heartbeats."""
        return self.settings["heartbeat_ms"] / 1000

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def write_lists(self):
        self.write("workers.allow", "".join("%s %s %s\n" % (keys.text, *rest) for keys, *rest in self.allowed))
        if "clients" in self.settings:
            self.write(self.settings["clients"], "".join("%s listed -\n" % keys.text for keys in self.listed_clients))

    def start(self):
        """Returns when it listens: `endpoint` and `key` (Z85) are known then."""
        lines = ["[broker]", "endpoint = tcp://127.0.0.1:*", "identity = broker.key", "workers = workers.allow"]
        lines += ["%s = %s" % (name.replace("_", "-"), value) for name, value in self.settings.items()]
        self.write("broker.ini", "\n".join(lines) + "\n")
        program = os.path.join(os.environ.get("TROTH_BUILD", "build"), "troth-broker")
        ready, write_end = os.pipe()
        log_offset = len(self.log())
        with open(self.path("log"), "ab") as log:
            words = [program, "--config", self.path("broker.ini"), "--ready-fd", str(write_end)]
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            pass_fds=[write_end], preexec_fn=die_with_parent)
        os.close(write_end)
        with open(ready, "rb") as pipe:  # its end comes with the broker's too, so this cannot hang on one that fails
            if not pipe.read().startswith(b"READY=1"):
                self.process.wait(START_SECONDS)
                raise AssertionError("the broker does not start:\n" + self.log()[log_offset:])
        line = next(line for line in self.log()[log_offset:].splitlines() if "event=ready" in line)
        self.endpoint = next(word[len("endpoint="):] for word in line.split() if word.startswith("endpoint="))
        with open(self.path("broker.key"), encoding="ascii") as file:
            self.key = z85.encode(bytes.fromhex(file.read().split("curve25519:")[1][:64]))
        return self

    def log(self):
        try:
            with open(self.path("log"), encoding="ascii", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9: nothing that it has not made durable survives."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def end(self):
        """Waits for the exit status."""
        return self.process.wait(STOP_SECONDS)

    def reload(self):
        self.write_lists()
        self.process.send_signal(signal.SIGHUP)

    def processor_seconds(self):
        """What it has used of the processor so far: a broker that spins is found by it."""
        with open("/proc/%d/stat" % self.process.pid, encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def remove(self):
        if self.is_running():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def until_true(condition, what, seconds=5.0):
    """Asks again and again; `condition` itself waits for an answer of the broker, so this does not spin."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
    raise AssertionError("not within %s s: %s" % (seconds, what))
