"""A copy leaves the cluster: who carries it, by which image, and whoever keeps all of them in one place is told."""

import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from chart import CHART, ROOT, YEARS, chart, of_kind, read

YEAR = read(CHART / "values-year1.yaml")["backup"]
STAGE = (ROOT / "deploy/Dockerfile").read_text().partition("\n# --- copies,")[2]


class Carried(unittest.TestCase):
    def job(self, name):
        (one,) = [one for one in of_kind(chart().objects(*YEARS), "CronJob") if one["metadata"]["name"] == name]
        return one["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def test_in_every_year_a_copy_is_carried_away_by_who_may_and_knows_where(self):
        spec = self.job("sello-backup")
        (container,) = spec["containers"]
        given = {one["name"]: one.get("value") for one in container["env"]}
        self.assertEqual((given["AFTER"], container["image"]), (YEAR["after"], YEAR["image"]))
        self.assertEqual(container["envFrom"], [{"secretRef": {"name": YEAR["existingSecret"]}}])
        (account,) = [one for one in of_kind(chart().objects(*YEARS), "ServiceAccount") if one["metadata"]["name"] == spec["serviceAccountName"]]
        self.assertEqual(account["metadata"]["annotations"], YEAR["serviceAccountAnnotations"])

    def test_the_command_takes_the_copy_of_this_night_alone_to_what_the_secret_names(self):
        # Who is called is written down, and what the shell makes of the name.
        with tempfile.TemporaryDirectory() as folder:
            carrier = Path(folder, YEAR["after"].split()[0])
            carrier.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
            carrier.chmod(0o755)
            environment = {"PATH": f"{folder}:/usr/bin:/bin", "NAME": "sello-1"}
            told = subprocess.run(["sh", "-c", YEAR["after"]], capture_output=True, text=True, env=environment, check=True).stdout.split("\n")
        self.assertEqual([told[0], told[1], *told[3:5]], ["copy", ".", "--include", "sello-1.*"])
        remote = told[2].partition(":")[0]
        comment = (CHART / "values-year1.yaml").read_text()
        self.assertIn(f"RCLONE_CONFIG_{remote.upper()}_TYPE=", comment)

    def test_its_image_is_of_the_server_s_release_and_has_the_carrier_and_is_nobody_else_s(self):
        name = re.search(r"/sello-([a-z]+):", YEAR["image"])[1]
        self.assertIn(f'"{name}"', (ROOT / "deploy/bake.hcl").read_text())
        (base,) = re.findall(rf"^FROM (\S+) AS {name}$", STAGE, re.M)
        self.assertEqual(base, read(CHART / "values.yaml")["postgresql"]["image"])
        self.assertIn(f" {YEAR['after'].split()[0]}=", STAGE)
        user = self.job("sello-backup")["securityContext"]["runAsUser"]
        self.assertIn(f"\nUSER {user}:{user}\n", STAGE)

    def test_whoever_carries_nothing_away_is_told(self):
        word = "No copy leaves this cluster"
        self.assertIn(word, chart().notes({"backup": {"enabled": True}}))
        self.assertNotIn(word, chart().notes(*YEARS))
        # And of nothing at all, that.
        self.assertNotIn(word, chart().notes())


if __name__ == "__main__":
    unittest.main()
