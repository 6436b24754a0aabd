"""A scanner that never finds anything scans nothing."""

import base64
import subprocess
import tempfile
import unittest
from pathlib import Path

from scan import main

# Put together here, so that this file is no finding itself.
PLANTED = {
    "a key of a cloud": "key = " + "AKIA" + "IOSFODNN7QWERTYU",
    "a private key": "-----BEGIN " + "PRIVATE KEY-----",
    "a token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "dozjgNryP4J3jK7lYb1Hd8f5" + "Xo2pQm9sVtW0uZaBcDe",
    "an account of Twilio": "sid: " + "SK" + "0123456789abcdef" * 2,
    "a password in an address": "url = 'postgres://sello:" + "Zx81kQwe7@db/sello'",
    "a password by its name": 'password = "' + "tR7pw9Kx2m" + '"',
    "random bytes": 'x = "' + base64.b64encode(bytes(range(7, 250, 6))).decode() + '"',
}


class Planted(unittest.TestCase):
    def found(self, text):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
            # Not added yet: before a commit is when it counts.
            (Path(folder) / "settings.py").write_text(text + "\n", encoding="utf-8")
            return main(Path(folder))

    def test_each_kind_of_secret_is_found_and_not_told_again(self):
        for name, text in PLANTED.items():
            with self.subTest(name):
                told = "\n".join(self.found(text))
                self.assertIn("settings.py:1", told)
                self.assertNotIn(text[-8:], told)

    def test_plain_settings_are_none(self):
        self.assertEqual(self.found("port = 8080\nname = 'Café Ñusta'\n# The secret of good coffee is water."), [])
