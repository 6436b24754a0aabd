"""Who may speak to whom is who must: the arrows of the NetworkPolicies are those of the services' own settings."""

import re
import unittest

from chart import BACKED_UP_ELSEWHERE, EXTERNAL_NATS, EXTERNAL_POSTGRESQL, MATRIX, OUTSIDE, SERVICES
from chart import asked_by, chart, facts, of_kind, pods

STORES = [service for service in SERVICES if service != "gateway"]


def component(labels):
    return labels["app.kubernetes.io/component"]


def named(peer):
    return component(peer["podSelector"]["matchLabels"])


class Arrows:
    """What the policies of some objects let through, between pods of the release."""

    def __init__(self, objects):
        self.outward, self.inward = set(), set()
        self.policies = of_kind(objects, "NetworkPolicy")
        for policy in self.policies:
            labels = policy["spec"]["podSelector"]["matchLabels"]
            if "app.kubernetes.io/component" not in labels:
                continue
            own = component(labels)
            for rule in policy["spec"].get("egress", []):
                for peer in rule.get("to", []):
                    if "podSelector" in peer and "namespaceSelector" not in peer:
                        self.outward |= {(own, named(peer), port["port"]) for port in rule["ports"]}
            for rule in policy["spec"].get("ingress", []):
                for peer in rule.get("from", []):
                    if "podSelector" in peer and "namespaceSelector" not in peer:
                        self.inward |= {(named(peer), own, port["port"]) for port in rule["ports"]}


def wanted(pooled=True, postgresql=True, nats=True, backup=False, operator=False):
    ports = facts()
    arrows = {(service, asked, ports[asked]["port"]) for service in SERVICES for asked in asked_by(service)}
    if operator:
        arrows |= {("operator", service, ports[service]["port"]) for service in SERVICES}
    if nats:
        arrows |= {(service, "nats", 4222) for service in SERVICES}
    if pooled:
        arrows |= {(service, "pgbouncer", 6432) for service in STORES}
    if postgresql:
        direct = {"migration"} | ({"pgbouncer"} if pooled else set(STORES)) | ({"backup"} if backup else set())
        arrows |= {(who, "postgresql", 5432) for who in direct}
    return arrows


class Network(unittest.TestCase):
    maxDiff = None

    def check(self, layers, arrows, upgrade=False):
        found = Arrows(chart().objects(*layers, upgrade=upgrade))
        self.assertEqual(found.outward, arrows)
        self.assertEqual(found.inward, arrows)

    def test_a_trial(self):
        self.check([], wanted())
        self.check([], wanted(), upgrade=True)

    def test_no_pooler(self):
        self.check(MATRIX["no pooler"], wanted(pooled=False))

    def test_others_servers(self):
        self.check([EXTERNAL_POSTGRESQL], wanted(postgresql=False))
        self.check([EXTERNAL_NATS], wanted(nats=False))

    def test_the_operators_pod(self):
        found = Arrows(chart().objects(*MATRIX["with the operator's pod"]))
        self.assertEqual(found.outward, wanted(operator=True))
        # Everybody may speak to the gateway of a trial.
        self.assertEqual(found.inward, wanted(operator=True) - {("operator", "gateway", facts()["gateway"]["port"])})
        kept = Arrows(chart().objects(*MATRIX["year 1"]))
        self.assertIn(("operator", "gateway", facts()["gateway"]["port"]), kept.inward)

    def test_backed_up(self):
        self.check(MATRIX["backed up"], wanted(backup=True))
        self.check(MATRIX["backed up elsewhere"], wanted(backup=True))

    def test_who_is_not_named_speaks_to_nobody(self):
        for name, layers in MATRIX.items():
            objects = chart().objects(*layers)
            if name == "no policy":
                self.assertEqual(of_kind(objects, "NetworkPolicy"), [])
                continue
            (deny,) = [one for one in of_kind(objects, "NetworkPolicy") if one["metadata"]["name"].endswith("-deny")]
            self.assertEqual(deny["spec"].keys(), {"podSelector", "policyTypes"})
            self.assertEqual(deny["spec"]["policyTypes"], ["Ingress", "Egress"])
            everybody = deny["spec"]["podSelector"]["matchLabels"].items()
            ruled = {
                one["spec"]["podSelector"]["matchLabels"].get("app.kubernetes.io/component")
                for one in of_kind(objects, "NetworkPolicy")
            }
            for pod, template in pods(objects):
                labels = template["metadata"]["labels"]
                self.assertLessEqual(everybody, labels.items(), pod)
                self.assertIn(component(labels), ruled, pod)

    def test_the_world_is_open_to_those_alone_who_speak_to_providers(self):
        speaking = ("sello-messaging", "sello-wallet-pass", "sello-backup")
        for policy in of_kind(chart().objects(OUTSIDE, BACKED_UP_ELSEWHERE), "NetworkPolicy"):
            blocks = [
                peer["ipBlock"]["cidr"]
                for rule in policy["spec"].get("egress", [])
                for peer in rule.get("to", [])
                if "ipBlock" in peer
            ]
            outside = policy["metadata"]["name"] in speaking
            self.assertEqual(blocks, ["0.0.0.0/0", "::/0"] if outside else [], policy["metadata"]["name"])

    def test_metrics_are_for_those_who_watch(self):
        for policy in of_kind(chart().objects(), "NetworkPolicy"):
            service = policy["metadata"]["name"].removeprefix("sello-")
            if service in SERVICES:
                admin = facts()[service]["admin"]
                rules = [rule for rule in policy["spec"]["ingress"] if {"port": admin} in rule["ports"]]
                self.assertEqual(len(rules), 1)
                self.assertIn("namespaceSelector", rules[0]["from"][0])

    def rules(self, name, *layers):
        (policy,) = [one for one in of_kind(chart().objects(*layers), "NetworkPolicy") if one["metadata"]["name"] == f"sello-{name}"]
        return policy["spec"]["egress"]

    def test_names_are_asked_for_wherever_a_cluster_answers_them(self):
        # In a pod, on the node (169.254.20.10), or outside (169.254.169.254): no peer is named that would leave one out.
        ports = [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
        node = [{"ipBlock": {"cidr": "169.254.20.10/32"}}]
        for layers, to in (([], None), ([{"networkPolicy": {"namesAt": node}}], node)):
            for policy in of_kind(chart().objects(*layers), "NetworkPolicy"):
                for rule in policy["spec"].get("egress", []):
                    if {"port": 53, "protocol": "UDP"} in rule["ports"]:
                        self.assertEqual((rule["ports"], rule.get("to")), (ports, to))
            self.assertEqual([rule.get("to") for rule in self.rules("stamping", *layers) if rule["ports"] == ports], [to])

    def test_more_rules_hold_for_all_or_for_one(self):
        more, own = ([{"ports": [{"port": port}]}] for port in (9000, 9001))
        everybody = {"serviceDefaults": {"extraEgress": more}}
        for layers, wanted in (
            ([everybody], dict.fromkeys(SERVICES, more)),
            ([{"services": {"wallet-pass": {"extraEgress": own}}}], {"wallet-pass": own}),
            ([everybody, {"services": {"wallet-pass": {"extraEgress": own}}}], {**dict.fromkeys(SERVICES, more), "wallet-pass": own}),
        ):
            for service in SERVICES:
                last = self.rules(service, *layers)[-1:]
                self.assertEqual(last == wanted.get(service), service in wanted, service)

    def test_a_pods_own_identity_is_asked_for_where_it_is_told(self):
        at = {"objects": {"url": "s3://bucket", "identityAt": ["169.254.170.23/32"]}}
        rule = {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"port": 80}]}
        for service in SERVICES:
            self.assertEqual(rule in self.rules(service, at), service == "wallet-pass")
            self.assertNotIn({"port": 80}, [port for one in self.rules(service) for port in one["ports"]])

    def test_where_pods_have_addresses_of_ipv6_alone_everybody_listens_at_them(self):
        for layers, at, other in (([], "0.0.0.0:", "[::]:"), ([{"ipv6": True}], "[::]:", "0.0.0.0:")):
            heard = []
            for _, template in pods(chart().objects(*layers)):
                for container in template["spec"]["containers"]:
                    told = {one["name"]: one.get("value", "") for one in container.get("env") or []}
                    heard += [value for name, value in told.items() if re.search("^[A-Z_]+__(LISTEN|ADMIN)$", name)]
            (nats,) = [one["data"]["nats.conf"] for one in of_kind(chart().objects(*layers), "ConfigMap") if "nats.conf" in one["data"]]
            heard += re.findall(r'^(?:listen|http): "(.*)"$', nats, re.M)
            self.assertEqual(len(heard), 2 * len(SERVICES) + 2)
            self.assertTrue(all(one.startswith(at) for one in heard), heard)
            self.assertFalse(other in nats)

    def test_traces_go_to_the_port_that_their_address_names(self):
        for endpoint, port in (
            ("http://collector:4318/v1/traces", 4318),
            ("http://collector.tracing:55681", 55681),
            ("http://collector/v1/traces", 80),
            ("https://collector.example/v1/traces", 443),
            ("http://[fd00::1]:4319/v1/traces", 4319),
        ):
            rules = self.rules("stamping", {"telemetry": {"otlpEndpoint": endpoint}})
            self.assertIn({"ports": [{"port": port}]}, rules, endpoint)


if __name__ == "__main__":
    unittest.main()
