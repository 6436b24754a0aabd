"""The way in, and what whoever installs the chart is told."""

import math
import re
import unittest

from chart import CHART, GROWING, MATRIX, WATCHED, YEARS, chart, of_kind, read, source

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


class Notes(unittest.TestCase):
    def test_promises_of_thirty_days_want_thirty_days_of_measurements(self):
        self.assertIn("30 days", chart().notes(WATCHED))
        self.assertNotIn("30 days", chart().notes())

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

    def test_how_long_a_slow_server_may_take_is_told(self):
        self.assertIn("--timeout 15m", chart().notes())


if __name__ == "__main__":
    unittest.main()
