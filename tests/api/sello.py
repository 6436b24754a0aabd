"""A Sello of one's own: the real binary on an empty folder and a free port, gone when the test is over."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# A first start makes a PostgreSQL cluster; on a busy machine that takes its time.
START_SECONDS = 180
STOP_SECONDS = 60


class Sello:
    """Without request limits, and with providers who only pretend; those of sign-in and PIN stay, as they always do."""

    def __enter__(self):
        binary = os.environ.get("SELLO_BIN") or sys.exit("SELLO_BIN is not set: give the path of the sello binary, or run `make test-api`.")
        self.home = Path(tempfile.mkdtemp(prefix="sello-api-"))
        settings = {"DATA": str(self.home / "data"), "PORT": str(free_port()), "PROVIDERS": "fake", "DEMO": "0", "LAN": "0", "RATE_LIMITS": "off"}
        self.log = self.home / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([binary, "run"], cwd=ROOT, env={"TOOLS": str(ROOT / ".tools"), **os.environ, **settings}, stdout=subprocess.PIPE, stderr=log)
        try:
            self.url = self.ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def ready(self):
        """The address that it says it is ready at."""
        said, until = b"", time.monotonic() + START_SECONDS
        while True:
            heard, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self.process.stdout.fileno(), 65536) if heard else b""
            if not piece:
                raise RuntimeError(f"sello did not become ready. It said:\n{said.decode()}{self.log.read_text()[-4000:]}")
            said += piece
            for line in said.decode(errors="replace").splitlines():
                if line.startswith("ready "):
                    return line.split()[1]

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]
