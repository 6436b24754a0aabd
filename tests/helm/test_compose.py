"""Compose itself reads deploy/compose.yaml, and takes no word in it that it does not know."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from chart import CHART, ROOT, TOOLS, keys, misspelt, read, run, settings

COMPOSE = TOOLS / "bin/docker-compose"
# What people name themselves, and what a log's driver alone knows.
NAMED_FREELY = re.compile(r"^/(services|networks|volumes)$|/(environment|depends_on|logging/options)$")


class Doors(unittest.TestCase):
    def test_nobody_comes_by_an_address_that_hides_who_he_is(self):
        ports = [port for one in read(ROOT / "deploy/compose.yaml")["services"].values() for port in one.get("ports", [])]
        self.assertGreaterEqual(len(ports), 3)
        for port in ports:
            self.assertRegex(port, r"^(0\.0\.0\.0|127\.0\.0\.1):\d+:\d+$")


@unittest.skipUnless(COMPOSE.is_file(), "Compose is not built for this machine")
class Read(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        shutil.copy(ROOT / "deploy/secrets", cls.folder)
        run("sh", cls.folder / "secrets")
        cls.file = read(ROOT / "deploy/compose.yaml")

    def asked(self, file, *words):
        command = [COMPOSE, "--file", file, "--env-file", self.folder / ".env", "--profile", "*", "config", *words]
        return subprocess.run(command, capture_output=True, text=True)

    def test_it_finds_no_fault(self):
        found = self.asked(ROOT / "deploy/compose.yaml", "--format", "json")
        # A variable that nobody sets is told there, and no error.
        self.assertEqual((found.returncode, found.stderr), (0, ""))
        self.assertEqual(json.loads(found.stdout)["services"].keys(), self.file["services"].keys())

    def test_what_is_ones_own_stands_in_a_file_of_its_own(self):
        text = (ROOT / "deploy/compose.yaml").read_text()
        (said,) = re.findall(r"^#   services:\n(?:#    .*\n)+", text, re.M)
        mine = self.folder / "mine.yaml"
        mine.write_text("".join(line[4:] + "\n" for line in said.splitlines()))
        command = [COMPOSE, "--file", ROOT / "deploy/compose.yaml", "--file", mine, "--env-file", self.folder / ".env"]
        services = json.loads(run(*command, "config", "--format", "json"))["services"]
        self.assertEqual(services["messaging"]["environment"]["MESSAGING__PROVIDER"], "live")
        for name, added in read(mine)["services"].items():
            self.assertLessEqual(set(added["environment"]), settings(name))
            # Besides what stands there anyway.
            self.assertIn(f"{name.upper().replace('-', '_')}__LISTEN", services[name]["environment"])
        self.assertEqual(len(services["wallet-pass"]["volumes"]), 2)

    def test_a_misspelt_word_is_found_wherever_it_stands(self):
        tried = {}
        for path, key in keys({name: part for name, part in self.file.items() if not name.startswith("x-")}):
            if not NAMED_FREELY.search(path):
                place = re.sub(r"(?<=^/services/)[^/]+|(?<=^/networks/)[^/]+|(?<=/depends_on/)[^/]+|\d+", "*", path), key
                tried.setdefault(place, misspelt(self.file, path, key))
        self.assertGreater(len(tried), 30)
        for place, file in tried.items():
            with self.subTest(place):
                to = self.folder / "compose.json"
                to.write_text(json.dumps(file))
                found = self.asked(to, "--quiet")
                self.assertNotEqual(found.returncode, 0)
                self.assertIn(f"{place[1]}x", found.stderr)


class Alerts(unittest.TestCase):
    """Somebody is told of what Prometheus raises."""

    services = read(ROOT / "deploy/compose.yaml")["services"]
    own = services["alertmanager"]

    def test_prometheus_hands_alerts_to_whoever_tells_people(self):
        (there,) = read(ROOT / "deploy/compose/prometheus.yml")["alerting"]["alertmanagers"]
        self.assertEqual(there["static_configs"], [{"targets": ["alertmanager:9093"]}])
        watching = self.services["prometheus"]
        self.assertEqual(self.own["profiles"], watching["profiles"])
        self.assertTrue(set(self.own["networks"]) & set(watching["networks"]))

    def test_each_severity_of_a_rule_is_told_to_somebody(self):
        (file,) = re.findall(r"^\$\{ALERTS:-(.+)\}:", self.own["volumes"][0])
        told = read(ROOT / "deploy" / file)
        receivers = {one["name"]: one for one in told["receivers"]}
        to = {re.fullmatch(r'severity="(\w+)"', one["matchers"][0])[1]: one["receiver"] for one in told["route"]["routes"]}
        self.assertEqual(to.keys(), {"critical", "info"})
        for path in (CHART / "files/prometheus").glob("*.yml"):
            for rule in (rule for group in read(path)["groups"] for rule in group["rules"] if "alert" in rule):
                severity = rule["labels"]["severity"]
                self.assertIn(severity, {"critical", "warning", "info"})
                reached = receivers[to.get(severity, told["route"]["receiver"])]
                self.assertTrue(all(one["to"] for one in reached["email_configs"]), reached)
        # Who is woken is not who is told in the morning.
        self.assertNotEqual(receivers[to["critical"]]["email_configs"], receivers[told["route"]["receiver"]]["email_configs"])


if __name__ == "__main__":
    unittest.main()
