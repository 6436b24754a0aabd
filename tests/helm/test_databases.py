"""How PostgreSQL and NATS are reached by whom: with which authority, and by how many connections."""

import re
import unittest

from chart import BACKED_UP_ELSEWHERE, EXTERNAL_POSTGRESQL, MATRIX, ROOT, chart, containers, of_kind, pods

TRUSTED = MATRIX["another's PostgreSQL, with an authority that everybody trusts"]


def given(container):
    """The variables of a container that have a value of their own."""
    return {one["name"]: one.get("value") for one in container.get("env", [])}


def writer(template, path):
    """Who puts a file into a pod: the Secret that holds it, or the container that copies it there first."""
    folder, name = path.rsplit("/", 1)
    spec = template["spec"]
    (volume,) = {
        mount["name"] for one in spec["containers"] for mount in one.get("volumeMounts", []) if mount["mountPath"] == folder
    }
    (source,) = [one for one in spec["volumes"] if one["name"] == volume]
    if "secret" in source:
        return source["secret"]["secretName"] if name in {item["path"] for item in source["secret"]["items"]} else None
    for one in spec.get("initContainers", []):
        if one["command"][-1] == path and folder in {mount["mountPath"] for mount in one["volumeMounts"]}:
            return one
    return None


class Authorities(unittest.TestCase):
    def checking(self, *layers, upgrade=False):
        """The pods whose programs check the server's certificate as libpq does, and where they look for its authority."""
        for name, template in pods(chart().objects(*layers, upgrade=upgrade)):
            for container in containers(template):
                if given(container).get("PGSSLMODE", "").startswith("verify"):
                    yield name.removeprefix("sello-"), template, given(container).get("PGSSLROOTCERT")

    def test_psql_and_pg_dump_always_have_the_file_that_they_look_for(self):
        # Without a name libpq looks into the home of its user, where nothing is, and connects to nobody.
        seen = set()
        for shape, layers in MATRIX.items():
            for upgrade in (False, True):
                for name, template, path in self.checking(*layers, upgrade=upgrade):
                    with self.subTest(shape, pod=name):
                        self.assertTrue(path and writer(template, path))
                        seen.add(name)
        self.assertEqual(seen, {"provision", "backup", "restore"})

    def test_authorities_that_everybody_trusts_come_from_an_image_that_has_them(self):
        for name, template, path in self.checking(*TRUSTED):
            one = writer(template, path)
            self.assertEqual(one["image"], "registry.example/sello-pgbouncer:0.1.0", name)
            self.assertEqual(one["command"][:2], ["cp", "/etc/ssl/certs/ca-certificates.crt"])
        stage = (ROOT / "deploy/Dockerfile").read_text().partition(" AS pgbouncer\n")[2]
        self.assertIn(" ca-certificates ", stage)

    def test_an_authority_of_ones_own_takes_their_place(self):
        found = list(self.checking(*TRUSTED, {"postgresql": {"external": {"caSecret": "ca"}}}))
        self.assertEqual([writer(template, path) for _, template, path in found], ["ca"] * 3)
        for _, template, _ in found:
            self.assertNotIn("initContainers", template["spec"])

    def test_where_nothing_is_checked_nothing_is_looked_for(self):
        for mode in ("disable", "require"):
            layers = [*TRUSTED, {"postgresql": {"external": {"sslmode": mode}}}]
            self.assertEqual(list(self.checking(*layers)), [])
            for _, template in pods(chart().objects(*layers)):
                self.assertNotIn("initContainers", template["spec"])


class Broker(unittest.TestCase):
    def test_every_service_believes_another_nats_by_the_authority_that_is_named(self):
        ours = {"nats": {"external": {"url": "tls://nats.example:4222", "caSecret": "ca"}}}
        for layer, wanted in ((ours, "ca"), ({}, None)):
            seen = set()
            for name, template in pods(chart().objects(*MATRIX["another's NATS"], layer)):
                for container in containers(template):
                    believed = {key: value for key, value in given(container).items() if key.endswith("__NATS__CA")}
                    if any(key.endswith("__NATS__URL") for key in given(container)):
                        seen.add(name)
                        self.assertEqual([writer(template, path) for path in believed.values()], [wanted] if wanted else [])
            self.assertEqual(len(seen), 7)


class Copies(unittest.TestCase):
    """Whoever carries a copy away or brings it back is somebody to the bucket, and may go there."""

    BACK = {"backup": {**BACKED_UP_ELSEWHERE["backup"], "before": 'rclone copy bucket:sello . --include "$COPY.*"'}}

    def job(self, name, *layers):
        (one,) = [one for one in of_kind(chart().objects(*layers), "CronJob") if one["metadata"]["name"] == f"sello-{name}"]
        return one["spec"]["jobTemplate"]["spec"]["template"]["spec"]

    def test_one_comes_back_by_the_way_that_it_went(self):
        for name, variable, other in (("backup", "AFTER", "BEFORE"), ("restore", "BEFORE", "AFTER")):
            (container,) = self.job(name, self.BACK)["containers"]
            self.assertEqual(given(container)[variable], self.BACK["backup"][variable.lower()])
            self.assertNotIn(other, given(container))
            self.assertEqual((container["image"], container["envFrom"]), ("registry.example/copies:1", [{"secretRef": {"name": "bucket"}}]))
        # Whoever fetches nothing knows no bucket.
        (container,) = self.job("restore", BACKED_UP_ELSEWHERE)["containers"]
        self.assertNotIn("envFrom", container)
        self.assertTrue(container["image"].startswith("postgres:"))

    def test_it_is_somebody_to_the_bucket(self):
        who = {"eks.amazonaws.com/role-arn": "arn:aws:iam::000000000000:role/copies"}
        for layers, told in (([self.BACK], None), ([self.BACK, {"backup": {"serviceAccountAnnotations": who}}], who)):
            for name in ("backup", "restore"):
                self.assertEqual(self.job(name, *layers)["serviceAccountName"], "sello-backup")
            accounts = {one["metadata"]["name"]: one for one in of_kind(chart().objects(*layers), "ServiceAccount")}
            self.assertEqual(accounts["sello-backup"]["metadata"].get("annotations"), told)

    def test_it_may_go_where_the_bucket_is(self):
        def ways(*layers):
            (policy,) = [one for one in of_kind(chart().objects(*layers), "NetworkPolicy") if one["metadata"]["name"] == "sello-backup"]
            return policy["spec"]["egress"]

        inside = [{"to": [{"namespaceSelector": {}}], "ports": [{"port": 9000}]}]
        identity = {"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}], "ports": [{"port": 80}]}
        at = {"objects": {"identityAt": ["169.254.170.23/32"]}}
        self.assertEqual(ways(self.BACK, {"backup": {"extraEgress": inside}}), [*ways(self.BACK), *inside])
        self.assertIn(identity, ways(self.BACK, at))
        for silent in ({"backup": {"enabled": True}}, {"backup": {"enabled": True, "before": "true"}}):
            blocks = [peer for rule in ways(silent, at) for peer in rule.get("to", []) if "ipBlock" in peer]
            self.assertEqual(bool(blocks), "before" in silent["backup"])


class Pooler(unittest.TestCase):
    def changing(self, *layers):
        (one,) = [one for one in of_kind(chart().objects(*layers), "Deployment") if one["metadata"]["name"] == "sello-pgbouncer"]
        return one["spec"]

    def test_a_release_never_has_more_than_one_pod_beyond_their_number(self):
        # What ends is counted by nobody but PostgreSQL: where two are at work, one ends before another comes.
        for number, surge in ((1, 1), (2, 0), (5, 0)):
            spec = self.changing(EXTERNAL_POSTGRESQL, {"pgbouncer": {"replicas": number}})
            self.assertEqual(spec["strategy"]["rollingUpdate"], {"maxSurge": surge, "maxUnavailable": 1 - surge})

    def test_the_next_is_changed_when_the_one_before_has_ended(self):
        spec = self.changing({"drainSeconds": 9})
        (container,) = spec["template"]["spec"]["containers"]
        self.assertGreater(spec["minReadySeconds"], container["lifecycle"]["preStop"]["sleep"]["seconds"])

    def test_whoever_passes_it_by_is_counted_as_the_growth_model_counts(self):
        model = (ROOT / "crates/growth/src/connections.rs").read_text()
        direct = int(re.search(r"const DIRECT: u64 = (\d+);", model)[1])
        self.assertIn(f"and {direct} beside them", chart().refusal({"pgbouncer": {"replicas": 3}}))


if __name__ == "__main__":
    unittest.main()
