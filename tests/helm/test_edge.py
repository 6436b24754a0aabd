"""The way in, and what whoever installs the chart is told."""

import math
import re
import unittest

from chart import CHART, EXTERNAL_NATS, EXTERNAL_POSTGRESQL, GROWING, MATRIX, OUTSIDE, WATCHED, YEARS, chart, merged, of_kind, read, source

NGINX = "nginx.ingress.kubernetes.io/"


def annotations(**ingress):
    objects = chart().objects(*MATRIX["an Ingress"], {"ingress": ingress})
    (one,) = of_kind(objects, "Ingress")
    return one["metadata"].get("annotations", {})


class Ingress(unittest.TestCase):
    def test_nginx_lets_through_what_the_gateway_takes_in_or_refuses_itself(self):
        sizes = {}
        for file in ("json.rs", "routes/art.rs"):
            text = (source("gateway") / file).read_text()
            found = re.findall(r"const (\w+): usize = ([\d_ *]+);", text)
            sizes |= {name: math.prod(int(part.replace("_", "")) for part in product.split("*")) for name, product in found}
        largest = max(sizes["LOGO_BYTES"], sizes["CSV_LIMIT_BYTES"], sizes["BODY_LIMIT_BYTES"])
        # Beyond what is taken in, so much is read that the answer says in the caller's language why not.
        allowed = int(annotations(className="nginx")[f"{NGINX}proxy-body-size"].removesuffix("m")) * 1024 * 1024
        self.assertEqual(allowed, largest + sizes["DISCARD_LIMIT_BYTES"])

    def test_nginx_leaves_live_sockets_open(self):
        told = annotations(className="nginx")
        for name in ("proxy-read-timeout", "proxy-send-timeout"):
            # As long as an access token and more; the gateway ends what is over.
            self.assertGreaterEqual(int(told[NGINX + name]), 3600)

    def test_what_is_given_holds_and_others_are_told_nothing(self):
        given = annotations(className="nginx-internal", annotations={f"{NGINX}proxy-body-size": "1g", "other": "kept"})
        self.assertEqual((given[f"{NGINX}proxy-body-size"], given["other"]), ("1g", "kept"))
        self.assertIn(f"{NGINX}proxy-read-timeout", given)
        self.assertEqual(annotations(className="traefik"), {})
        self.assertEqual(annotations(className="traefik", annotations={"other": "kept"}), {"other": "kept"})


DOOR = {"trustedProxies": ["10.0.0.0/8"], "publicUrl": ""}
INGRESS = {**DOOR, "ingress": {"enabled": True, "host": "sello.example", "tlsSecret": "tls"}}
GATEWAY = {**DOOR, "gatewayApi": {"enabled": True, "host": "sello.example", "className": "a", "tlsSecret": "tls"}}


class PublicUrl(unittest.TestCase):
    """Posters are printed with it, and paper is not corrected."""

    def told(self, *layers):
        found = {}
        for one in of_kind(chart().objects(*layers), "Deployment"):
            for container in one["spec"]["template"]["spec"]["containers"]:
                found |= {each["name"]: each.get("value") for each in container["env"] if each["name"].endswith("__PUBLIC_URL")}
        return found

    def test_behind_a_door_of_the_release_it_is_that_doors_and_https(self):
        for door in (INGRESS, GATEWAY):
            self.assertEqual(
                self.told(door),
                dict.fromkeys(("GATEWAY__PUBLIC_URL", "MESSAGING__PUBLIC_URL", "WALLET_PASS__PUBLIC_URL"), "https://sello.example"),
            )
            self.assertIsNone(chart().refusal(OUTSIDE, door))
            self.assertIn("     https://sello.example\n", chart().notes(door))

    def test_one_without_tls_is_refused_and_of_one_that_leads_elsewhere_it_is_said(self):
        said = "something else has to lead there"
        for door in (INGRESS, GATEWAY):
            self.assertIn("publicUrl", chart().refusal(door, {"publicUrl": "http://sello.example"}) or "taken")
            for own in ("https://sello.example", "https://Sello.example", "https://sello.example:8443"):
                self.assertNotIn(said, chart().notes(door, {"publicUrl": own}))
            # A CDN asks the door by a name of its own.
            for other in ("https://other.example", "https://sello.example.other"):
                self.assertIn(said, chart().notes(door, {"publicUrl": other}))
        # While one moves from a door of one's own to another's Gateway.
        moving = {"gatewayApi": {"enabled": True, "host": "sello.pe", "parentRefs": [{"name": "shared"}]}, "publicUrl": "https://sello.pe"}
        self.assertNotIn(said, chart().notes(INGRESS, moving))

    def test_where_it_cannot_be_known_it_is_asked_for_or_left_to_each_request(self):
        shared = {"gatewayApi": {"parentRefs": [{"name": "shared"}]}}
        self.assertIn("publicUrl", chart().refusal(GATEWAY, shared) or "taken")
        self.assertIsNone(chart().refusal(GATEWAY, shared, {"publicUrl": "https://elsewhere.example"}))
        many = {"ingress": {"host": "*.sello.example"}}
        self.assertIn("publicUrl", chart().refusal(INGRESS, many) or "taken")
        self.assertIsNone(chart().refusal(INGRESS, many, {"publicUrl": "https://one.sello.example"}))
        for layers in ([], [{"gatewayService": {"type": "LoadBalancer"}}]):
            self.assertEqual(set(self.told(*layers).values()), {""})


class Notes(unittest.TestCase):
    def test_promises_of_thirty_days_want_thirty_days_of_measurements(self):
        self.assertIn("30 days", chart().notes(WATCHED))
        self.assertNotIn("30 days", chart().notes())

    def test_where_no_trace_is_kept_that_is_told_and_the_years_name_who_keeps_them(self):
        self.assertIn("telemetry.otlpEndpoint", chart().notes())
        for layers in (MATRIX["watched, with traces"], YEARS[:1], YEARS[:2], YEARS):
            self.assertNotIn("telemetry.otlpEndpoint", chart().notes(*layers))
        for layers in (YEARS[:1], YEARS[:2], YEARS):
            for one in of_kind(chart().objects(*layers), "Deployment"):
                (container,) = one["spec"]["template"]["spec"]["containers"]
                told = {variable["name"]: variable.get("value") for variable in container.get("env", [])}
                ratios = [value for name, value in told.items() if name.endswith("__TRACE_RATIO")]
                is_service = "sello/tier" in one["spec"]["template"]["metadata"]["labels"]
                self.assertEqual(len(ratios), int(is_service), one["metadata"]["name"])
            # And may be reached where it stands, not everywhere.
            peers = merged(*layers)["telemetry"]["otlpPeers"]
            (policy,) = [one for one in of_kind(chart().objects(*layers), "NetworkPolicy") if one["metadata"]["name"] == "sello-stamping"]
            self.assertIn({"ports": [{"port": 4318}], "to": peers}, policy["spec"]["egress"])

    def test_an_alert_that_nobody_can_click_on_is_told(self):
        base = {"monitoring": {"rules": {"runbookUrl": "https://git.example/runbook.md"}}}
        self.assertIn("rules.runbookUrl", chart().notes(WATCHED))
        for layers in ([], [WATCHED, base], YEARS):
            self.assertNotIn("rules.runbookUrl", chart().notes(*layers))

    def test_a_bucket_that_nobody_can_open_is_told(self):
        bucket = {"objects": {"url": "s3://bucket", "existingSecret": ""}}
        word = "serviceAccountAnnotations"
        self.assertIn(word, chart().notes(GROWING, bucket))
        annotated = {"services": {"wallet-pass": {"serviceAccountAnnotations": {"eks.amazonaws.com/role-arn": "arn"}}}}
        for layers in ([], [GROWING], [GROWING, bucket, annotated], [GROWING, bucket, {"objects": {"identityAt": ["169.254.170.23/32"]}}]):
            self.assertNotIn(word, chart().notes(*layers))
        # The years name a place for it.
        year = read(CHART / "values-year1.yaml")
        self.assertTrue(year["services"]["wallet-pass"]["serviceAccountAnnotations"])
        (account,) = [
            one for one in of_kind(chart().objects(*YEARS[:1]), "ServiceAccount") if one["metadata"]["name"] == "sello-wallet-pass"
        ]
        self.assertEqual(account["metadata"]["annotations"], year["services"]["wallet-pass"]["serviceAccountAnnotations"])

    def test_whoever_watches_is_told_how_to_see_that_anybody_does(self):
        asked = {"monitors": "up{job=", "rules": "budget-promises"}
        for switch, told in (("serviceMonitor", {"monitors"}), ("rules", {"rules"}), (None, set())):
            notes = chart().notes({"monitoring": {switch: {"enabled": True}}} if switch else {})
            self.assertEqual({name for name, word in asked.items() if word in notes}, told)
        self.assertIn("name: budget-promises\n", (CHART / "files/prometheus/budgets.yml").read_text())

    def test_whoever_names_others_servers_is_told_that_one_platform_has_them_alone(self):
        for layers, told in (([], False), ([EXTERNAL_POSTGRESQL], True), ([EXTERNAL_NATS], True), (YEARS[:1], True)):
            self.assertEqual("One platform has its servers alone" in chart().notes(*layers), told)

    def test_how_long_a_slow_server_may_take_is_told(self):
        self.assertIn("--timeout 15m", chart().notes())


if __name__ == "__main__":
    unittest.main()
