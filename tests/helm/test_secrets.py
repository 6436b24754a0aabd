"""What `deploy/secrets --kubernetes` prints is what the chart asks for."""

import unittest

import yaml

from chart import ROOT, YEARS, chart, containers, pods, run


def printed():
    found = list(yaml.safe_load_all(run("sh", ROOT / "deploy/secrets", "--kubernetes")))
    return {one["metadata"]["name"]: one["stringData"] for one in found if one}


class Printed(unittest.TestCase):
    NAMED = {"secrets": {group: {"existingSecret": f"sello-{group}"} for group in ("application", "database", "nats")}}

    def test_every_key_that_the_chart_asks_of_its_own_secrets_is_there(self):
        made = printed()
        every = {(name, key) for name, held in made.items() for key in held}
        asked = set()
        for layers in ([self.NAMED], [self.NAMED, {"backup": {"enabled": True}, "operator": {"enabled": True}}], YEARS[:1], YEARS):
            for _, template in pods(chart().objects(*layers)):
                for container in containers(template):
                    references = [one.get("valueFrom", {}).get("secretKeyRef") for one in container.get("env") or []]
                    asked |= {(one["name"], one["key"]) for one in references if one and one["name"] in made}
        self.assertEqual(asked, every)
        self.assertEqual({name: YEARS[0]["secrets"][name.removeprefix("sello-")] for name in made}, {name: {"existingSecret": name} for name in made})

    def test_they_are_words_of_the_shape_that_services_ask_for_and_nobody_elses(self):
        made, again = printed(), printed()
        application = made["sello-application"]
        self.assertRegex(application["code-keys"], "^1:[0-9a-f]{64}$")
        for key in ("link-secret", "address-secret"):
            self.assertRegex(application[key], "^[0-9a-f]{64}$")
        words = [value for held in (*made.values(), *again.values()) for value in held.values()]
        self.assertEqual(len(words), len(set(words)))
        for name in ("sello-database", "sello-nats"):
            for word in made[name].values():
                # A letter first: NATS reads a bare number as one.
                self.assertRegex(word, "^p[0-9a-f]{40}$")


if __name__ == "__main__":
    unittest.main()
