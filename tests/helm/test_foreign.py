"""What operators add to Kubernetes is held against their own APIs: Gateway API, KEDA, Prometheus' operator."""

import copy
import json
import re
import unittest
from pathlib import Path

from chart import FOREIGN, MATRIX, chart, keys, misspelt, run

# What an API lets people name themselves: no key in there is a field.
NAMED_FREELY = re.compile(r"/(labels|annotations|matchLabels)$|^/spec/triggers/\d+/metadata$")

# What each scaler that the chart asks for reads, as KEDA's reference says (keda.sh/docs/2.19/scalers): what it needs, and what it may
# be told besides. To KEDA's API these are a map of words, and a misspelt one only shows when a pod is missing.
SCALERS = {
    "cpu": ({"value"}, {"containerName"}),
    "memory": ({"value"}, {"containerName"}),
    "nats-jetstream": (
        {"natsServerMonitoringEndpoint", "account", "stream", "consumer", "lagThreshold"},
        {"activationLagThreshold", "useHttps"},
    ),
    "prometheus": (
        {"serverAddress", "query", "threshold"},
        {"activationThreshold", "namespace", "customHeaders", "ignoreNullValues", "queryParameters", "unsafeSsl", "timeout"},
    ),
}


def faults(objects):
    """What the API of each object does not take of it."""
    here = Path(__file__).parent
    return json.loads(run("node", here / "foreign.mjs", input=json.dumps(objects)))


def scaler_faults(trigger):
    """What the scaler of a trigger misses, and what it does not know."""
    needed, besides = SCALERS[trigger["type"]]
    told = trigger["metadata"].keys()
    return sorted(needed - told) + sorted(told - needed - besides)


def objects():
    """Every such object of every shape, once."""
    every = [one for layers in MATRIX.values() for one in chart().objects(*layers) if one["kind"] in FOREIGN]
    return [json.loads(text) for text in sorted({json.dumps(one, sort_keys=True) for one in every})]


class Foreign(unittest.TestCase):
    def changed(self, kind, change):
        one = copy.deepcopy(next(one for one in objects() if one["kind"] == kind))
        change(one["spec"])
        (found,) = faults([one])
        return found

    def test_every_object_is_one_that_its_api_knows(self):
        every = objects()
        self.assertEqual({one["kind"] for one in every}, FOREIGN)
        for one, found in zip(every, faults(every), strict=True):
            self.assertEqual(found, [], f"{one['kind']} {one['metadata']['name']}")

    def test_a_misspelt_field_is_found_wherever_it_stands(self):
        fields, free = {}, {}
        for one in objects():
            for path, key in keys(one):
                # Kind and version say which API is asked.
                if path or key not in ("apiVersion", "kind"):
                    place = one["kind"], re.sub(r"/\d+", "/*", path), key
                    into = free if NAMED_FREELY.search(path) else fields
                    into.setdefault(place, misspelt(one, path, key))
        self.assertGreater(len(fields), 100)
        passed = [place for place, found in zip(fields, faults([*fields.values()]), strict=True) if not found]
        self.assertEqual(passed, [])
        refused = [place for place, found in zip(free, faults([*free.values()]), strict=True) if found]
        self.assertEqual(refused, [])

    def test_a_value_that_an_api_does_not_take_is_found(self):
        for kind, change, word in (
            ("ScaledObject", lambda spec: spec["fallback"].update(behavior="shrug"), "behavior"),
            ("ScaledObject", lambda spec: spec.update(maxReplicaCount="4"), "maxReplicaCount"),
            ("ServiceMonitor", lambda spec: spec["endpoints"][0].update(interval="soon"), "interval"),
            ("PrometheusRule", lambda spec: spec["groups"][0]["rules"][0].pop("expr"), "expr"),
            ("Gateway", lambda spec: spec["listeners"][0].update(port=70_000), "port"),
            ("HTTPRoute", lambda spec: spec["rules"][0].update(backendRefs=[{"port": 8080}]), "name"),
        ):
            with self.subTest(kind, word=word):
                self.assertIn(word, " ".join(self.changed(kind, change)))

    def test_every_parameter_of_a_trigger_is_one_that_its_scaler_reads(self):
        seen = set()
        for one in objects():
            for trigger in one["spec"].get("triggers", []) if one["kind"] == "ScaledObject" else []:
                seen.add(trigger["type"])
                self.assertEqual(scaler_faults(trigger), [], trigger)
                # A word that is taken away or written otherwise is missed.
                for name in SCALERS[trigger["type"]][0]:
                    words = {**trigger["metadata"], f"{name}x": ""}
                    words.pop(name)
                    self.assertEqual(scaler_faults({**trigger, "metadata": words}), [name, f"{name}x"])
        self.assertEqual(seen, SCALERS.keys())


if __name__ == "__main__":
    unittest.main()
