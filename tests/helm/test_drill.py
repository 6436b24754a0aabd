"""A drill beside production: what values-drill.yaml is laid over, whatever it says, nothing of it reaches production's servers."""

import json
import re
import unittest

from chart import BACKED_UP_ELSEWHERE, CHART, OUTSIDE, REPLICA, YEARS, chart, containers, of_kind, pods, read

DRILL = read(CHART / "values-drill.yaml")
# Everything that a release may reach outside of itself, switched on.
EVERYTHING = {
    **OUTSIDE,
    "telemetry": {"otlpEndpoint": "http://collector.example:4318/v1/traces"},
    "ingress": {"enabled": True, "host": "sello.example", "tlsSecret": "tls"},
    "gatewayService": {"type": "LoadBalancer"},
    "objects": {"existingSecret": "bucket-keys"},
}
LAYERS = [[*YEARS[:count], REPLICA, EVERYTHING, BACKED_UP_ELSEWHERE] for count in (1, 2, 3)]


def leaves(values):
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, (dict, list)):
            yield from leaves(value)
        elif isinstance(value, str):
            yield value


class Drill(unittest.TestCase):
    def each(self, check):
        for layers in LAYERS:
            for offline in (True, False):
                for upgrade in (False, True):
                    with self.subTest(years=len(layers), offline=offline, upgrade=upgrade):
                        check(chart().objects(*layers, DRILL, {"offline": offline}, upgrade=upgrade))

    def test_no_address_of_production_is_left(self):
        for layers in LAYERS:
            self.assertIsNone(chart().refusal(*layers))
        production = {
            leaf
            for layer in (*YEARS, REPLICA, EVERYTHING)
            for name in ("publicUrl", "postgresql", "nats", "whatsapp", "appleWallet", "googleWallet", "webPush", "objects")
            for leaf in leaves([layer.get(name, "")])
            if re.search(r"[.:]|^sello-", leaf) and not re.search(r"/\d+$", leaf)
        } | {"collector.example", "bucket:sello", "bucket-keys", "sello.example"}
        self.assertIn("s3://sello-objects?region=sa-east-1", production)

        def check(objects):
            text = json.dumps(objects)
            for leaf in sorted(production):
                self.assertFalse(json.dumps(leaf)[1:-1] in text, leaf)

        self.each(check)

    def test_its_database_and_its_broker_are_its_own(self):
        def check(objects):
            self.assertEqual({one["metadata"]["name"] for one in of_kind(objects, "StatefulSet")}, {"sello-nats", "sello-postgresql"})
            asked = 0
            for _, template in pods(objects):
                for container in containers(template):
                    for one in container.get("env") or []:
                        name, value = one["name"], one.get("value", "")
                        if name.endswith("__NATS__URL"):
                            self.assertEqual(value, "nats://sello-nats:4222")
                        elif name.endswith("__DATABASE__URL"):
                            self.assertRegex(value, r"@sello-(pgbouncer:6432|postgresql:5432)/sello\?")
                        elif name == "PGHOST":
                            self.assertEqual(value, "sello-postgresql")
                        else:
                            continue
                        asked += 1
            self.assertGreater(asked, 15)

        self.each(check)

    def test_it_speaks_to_nobody_outside_and_nobody_comes_in(self):
        doors = {"Ingress", "Gateway", "HTTPRoute", "ServiceMonitor", "PrometheusRule"}

        def check(objects):
            self.assertFalse(doors & {one["kind"] for one in objects})
            self.assertEqual({one["spec"].get("type", "ClusterIP") for one in of_kind(objects, "Service")}, {"ClusterIP"})
            for policy in of_kind(objects, "NetworkPolicy"):
                # Theirs are always open, to providers who are not spoken to.
                if policy["metadata"]["name"] not in ("sello-messaging", "sello-wallet-pass"):
                    self.assertFalse("ipBlock" in json.dumps(policy["spec"]), policy["metadata"]["name"])
            told = {
                one["name"]: one.get("value")
                for _, template in pods(objects)
                for container in containers(template)
                for one in container.get("env") or []
            }
            self.assertEqual(told["MESSAGING__PROVIDER"], "off")
            # Its copies stay here, where production's are not pushed out by them.
            self.assertNotIn("AFTER", told)
            self.assertFalse([name for name in told if name.startswith(("WALLET_PASS__APPLE", "WALLET_PASS__GOOGLE", "WALLET_PASS__WEB"))])

        self.each(check)

    def test_cards_open_as_in_production_and_nobody_works_before_the_copy_is_back(self):
        application = {"code-keys", "link-secret", "address-secret", "service-secret", "operator-secret"}
        for layers in LAYERS:
            objects = chart().objects(*layers, DRILL)
            asked = {
                (reference["name"], reference["key"] in application)
                for _, template in pods(objects)
                for container in containers(template)
                for one in container.get("env") or []
                if (reference := one.get("valueFrom", {}).get("secretKeyRef"))
            }
            self.assertEqual(asked, {("sello-application", True), ("sello-generated", False)})
            services = [one for one in of_kind(objects, "Deployment") if "sello/tier" in one["spec"]["template"]["metadata"]["labels"]]
            self.assertEqual([one["spec"]["replicas"] for one in services], [0] * 7)
            self.assertEqual(of_kind(chart().objects(*layers, DRILL, {"offline": False}), "HorizontalPodAutoscaler"), [])
            self.assertIn("sello-restore", {one["metadata"]["name"] for one in of_kind(objects, "CronJob")})


if __name__ == "__main__":
    unittest.main()
