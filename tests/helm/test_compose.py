"""Compose itself reads deploy/compose.yaml, and takes no word in it that it does not know."""

import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from chart import ROOT, TOOLS, keys, misspelt, read, run

COMPOSE = TOOLS / "bin/docker-compose"
# What people name themselves, and what a log's driver alone knows.
NAMED_FREELY = re.compile(r"^/(services|networks|volumes)$|/(environment|depends_on|logging/options)$")


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


if __name__ == "__main__":
    unittest.main()
