"""Secrets that are changed: whoever reads them at its start is started anew, and what must stay is said to."""

import re
import unittest

from chart import MATRIX, OUTSIDE, ROOT, SERVICES, YEARS, chart, containers, pods

REVISION = "sello/secrets-revision"
STANDING = ("Deployment", "StatefulSet")


def standing(objects):
    """What runs on and on: jobs read what holds when they run."""
    return dict(pods([one for one in objects if one["kind"] in STANDING]))


def reads_secrets(template):
    mounted = [volume for volume in template["spec"].get("volumes") or [] if "secret" in volume]
    named = [
        variable
        for container in containers(template)
        for variable in container.get("env", [])
        if "secretKeyRef" in variable.get("valueFrom", {})
    ]
    return bool(mounted or named)


class Anew(unittest.TestCase):
    def test_another_word_changes_every_pod_that_reads_a_secret(self):
        for shape, layers in MATRIX.items():
            with self.subTest(shape):
                before, after = (standing(chart().objects(*layers, {"secrets": {"revision": word}})) for word in ("one", "two"))
                self.assertEqual(before.keys(), after.keys())
                readers = {name for name, template in after.items() if reads_secrets(template)}
                # It reads its password when its volume is made, and never again.
                readers -= {"sello-postgresql", "stamps-postgresql"}
                self.assertGreaterEqual(len(readers), len(SERVICES))
                self.assertEqual({name for name in after if before[name] != after[name]}, readers)
                for name in readers:
                    self.assertEqual(after[name]["metadata"]["annotations"][REVISION], "two", name)

    def test_the_pooler_and_the_broker_are_among_them(self):
        marked = standing(chart().objects({"secrets": {"revision": "one"}, "operator": {"enabled": True}}))
        marked = {name for name, template in marked.items() if REVISION in template["metadata"].get("annotations", {})}
        others = {"sello-pgbouncer", "sello-nats", "sello-operator"}
        self.assertEqual(marked, {f"sello-{service}" for service in SERVICES} | others)

    def test_unsaid_no_pod_is_another_than_before_and_what_is_given_stays_beside_it(self):
        for layers in ([], [OUTSIDE], YEARS):
            for name, template in standing(chart().objects(*layers)).items():
                self.assertNotIn(REVISION, template["metadata"].get("annotations") or {}, name)
        given = {"serviceDefaults": {"podAnnotations": {"mesh": "on"}}, "secrets": {"revision": "7"}}
        template = standing(chart().objects(given))["sello-stamping"]
        self.assertEqual(template["metadata"]["annotations"], {"mesh": "on", REVISION: "7"})

    def test_whoever_installs_it_is_told(self):
        self.assertIn("secrets.revision", chart().notes())


class Runbook(unittest.TestCase):
    def setUp(self):
        text = (ROOT / "deploy/runbook.md").read_text()
        self.text = re.sub(r"\s+", " ", text)
        self.section = re.sub(r"\s+", " ", text.partition("\n## Secrets anew\n")[2].partition("\n## ")[0])

    def test_every_secret_that_the_chart_makes_is_spoken_of(self):
        made = [one["data"] for one in chart().objects() if one["kind"] == "Secret"]
        for key in {key for data in made for key in data}:
            named = re.sub("^(postgres|nats)-(?!administrator|backup).*", r"\1-<service>", key)
            self.assertIn(f"`{named}`", self.section, key)

    def test_what_must_stay_is_said_to(self):
        for key in ("address-secret", "link-secret"):
            self.assertIn(f"**`{key}`: never.**", self.section)
        self.assertIn("**`code-keys`: only ever added to.**", self.section)

    def test_a_changed_password_is_no_matter_of_waiting(self):
        self.assertNotRegex(self.text, r"changed on one side\. Nobody need be started anew")
        for told in ("DatabaseAway", "ServiceUnready"):
            section = self.text.partition(f"### {told} ")[2].partition("###")[0]
            self.assertIn("*Secrets anew*", section, told)


if __name__ == "__main__":
    unittest.main()
