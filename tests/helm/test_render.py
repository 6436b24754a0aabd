"""The chart renders in every shape, to what Kubernetes knows, and under the restricted Pod Security Standard."""

import base64
import json
import re
import unittest

import helm_python as helm
import kubernetes_validate

from chart import CHART, EXTERNAL_NATS, EXTERNAL_POSTGRESQL, FOREIGN, GROWING, MATRIX, OUTSIDE, REPLICA, ROOT, SERVICES, VERSIONS
from chart import YEARS, chart, containers, merged, of_kind, pods, read


class Shapes(unittest.TestCase):
    def each(self, check):
        for name, layers in MATRIX.items():
            for upgrade in (False, True):
                with self.subTest(name, upgrade=upgrade):
                    check(chart().objects(*layers, upgrade=upgrade))

    def test_lint_finds_no_fault(self):
        found = helm.lint(str(CHART))
        self.assertEqual(found["errors"], [])
        # That there is no icon is all that it has to say.
        self.assertEqual([one["error"] for one in found["messages"] if one["severity"] > 1], [])

    def test_every_object_is_one_that_kubernetes_knows(self):
        known = set()

        def check(objects):
            for one in objects:
                # Most of one shape stands in the others too.
                if one["kind"] not in FOREIGN and (text := json.dumps(one, sort_keys=True)) not in known:
                    known.add(text)
                    for version in VERSIONS:
                        kubernetes_validate.validate(one, version, strict=True)

        self.each(check)

    def test_no_two_objects_have_one_name_and_every_one_is_labelled(self):
        def check(objects):
            names = [(one["kind"], one["metadata"]["name"]) for one in objects]
            self.assertEqual(len(names), len(set(names)))
            for one in objects:
                self.assertLessEqual(len(one["metadata"]["name"]), 63)
                self.assertEqual(one["metadata"]["labels"]["app.kubernetes.io/part-of"], "sello")

        self.each(check)

    def test_every_pod_is_one_that_the_restricted_standard_lets_in(self):
        def check(objects):
            for name, template in pods(objects):
                spec = template["spec"]
                with self.subTest(name):
                    self.assertFalse(spec.keys() & {"hostNetwork", "hostPID", "hostIPC"})
                    self.assertIs(spec["automountServiceAccountToken"], False)
                    self.assertIs(spec["enableServiceLinks"], False)
                    self.assertIs(spec["securityContext"]["runAsNonRoot"], True)
                    self.assertGreater(spec["securityContext"]["runAsUser"], 0)
                    self.assertEqual(spec["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    allowed = {"configMap", "emptyDir", "persistentVolumeClaim", "secret"}
                    for volume in spec.get("volumes") or []:
                        self.assertLessEqual(volume.keys() - {"name"}, allowed)
                    for container in containers(template):
                        self.assertEqual(
                            container["securityContext"],
                            {
                                "allowPrivilegeEscalation": False,
                                "readOnlyRootFilesystem": True,
                                "runAsNonRoot": True,
                                "capabilities": {"drop": ["ALL"]},
                            },
                        )
                        self.assertIn("memory", container["resources"]["limits"])
                        self.assertLessEqual({"cpu", "memory"}, container["resources"]["requests"].keys())
                        self.assertFalse(any("hostPort" in port for port in container.get("ports", [])))

        self.each(check)

    def test_every_mount_has_its_volume_and_every_volume_its_mount(self):
        def check(objects):
            claims = {
                (one["metadata"]["name"], claim["metadata"]["name"])
                for one in of_kind(objects, "StatefulSet")
                for claim in one["spec"]["volumeClaimTemplates"]
            }
            for name, template in pods(objects):
                spec = template["spec"]
                volumes = {volume["name"] for volume in spec.get("volumes") or []}
                volumes |= {claim for of, claim in claims if of == name}
                mounts = {mount["name"] for one in containers(template) for mount in one.get("volumeMounts") or []}
                self.assertEqual(volumes, mounts, name)

        self.each(check)

    def test_every_config_map_claim_and_account_that_is_named_is_there(self):
        def check(objects):
            there = {(one["kind"], one["metadata"]["name"]) for one in objects}
            for name, template in pods(objects):
                spec = template["spec"]
                for volume in spec.get("volumes") or []:
                    if "configMap" in volume:
                        self.assertIn(("ConfigMap", volume["configMap"]["name"]), there)
                    if "persistentVolumeClaim" in volume:
                        self.assertIn(("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]), there)
                if "serviceAccountName" in spec:
                    self.assertIn(("ServiceAccount", spec["serviceAccountName"]), there)

        self.each(check)

    def test_a_secret_is_referred_to_by_keys_that_it_has(self):
        def check(objects):
            made = {one["metadata"]["name"]: one["data"].keys() for one in of_kind(objects, "Secret")}
            for name, template in pods(objects):
                for container in containers(template):
                    for variable in container.get("env", []):
                        reference = variable.get("valueFrom", {}).get("secretKeyRef")
                        if reference and reference["name"] in made:
                            self.assertIn(reference["key"], made[reference["name"]], name)

        self.each(check)

    def test_no_value_is_a_secret(self):
        def check(objects):
            for name, template in pods(objects):
                for container in containers(template):
                    for variable in container.get("env", []):
                        if re.search("PASSWORD|SECRET|TOKEN|KEY|_SID", variable["name"]):
                            self.assertIn("valueFrom", variable, variable["name"])

        self.each(check)


class Services(unittest.TestCase):
    def test_every_service_has_its_row_of_objects(self):
        objects = chart().objects(GROWING)
        for service in SERVICES:
            for kind in (
                "ServiceAccount",
                "Deployment",
                "Service",
                "PodDisruptionBudget",
                "HorizontalPodAutoscaler",
                "NetworkPolicy",
            ):
                names = [one["metadata"]["name"] for one in of_kind(objects, kind)]
                self.assertEqual(names.count(f"sello-{service}"), 1, (service, kind))

    def test_a_pod_is_asked_whether_it_lives_and_can_work_and_is_given_time_to_end(self):
        for one in of_kind(chart().objects(), "Deployment"):
            name = one["metadata"]["name"].removeprefix("sello-")
            if name not in SERVICES:
                continue
            spec = one["spec"]["template"]["spec"]
            (container,) = spec["containers"]
            self.assertEqual(container["startupProbe"]["httpGet"], {"path": "/healthz", "port": "admin"})
            self.assertEqual(container["livenessProbe"]["httpGet"], {"path": "/healthz", "port": "admin"})
            self.assertEqual(container["readinessProbe"]["httpGet"], {"path": "/readyz", "port": "admin"})
            (drain,) = [int(one["value"]) for one in container["env"] if one["name"].endswith("__DRAIN_MS")]
            # Long enough for a probe to find it not ready twice would be long; that its address is taken off the lists suffices.
            self.assertGreaterEqual(drain, 2_000)
            # The gateway lets what is under way go on for 10 seconds, and so long may a call to the provider last.
            self.assertGreaterEqual(spec["terminationGracePeriodSeconds"], drain / 1_000 + 10 + 10)
            self.assertEqual(container["args"], ["serve"])

    def test_replicas_lie_apart_and_only_one_is_taken_away_at_once(self):
        objects = chart().objects(*YEARS)
        for one in of_kind(objects, "Deployment"):
            spread = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
            keys = {rule["topologyKey"]: rule["whenUnsatisfiable"] for rule in spread}
            apart = {"topology.kubernetes.io/zone": "DoNotSchedule", "kubernetes.io/hostname": "ScheduleAnyway"}
            self.assertEqual(keys, apart)
            for rule in spread:
                self.assertEqual(rule["labelSelector"]["matchLabels"], one["spec"]["selector"]["matchLabels"])
                # A node that is drained, or a zone that is lost, is no place with none: it would hold all others at one.
                self.assertEqual(rule["nodeTaintsPolicy"], "Honor")
        for one in of_kind(objects, "PodDisruptionBudget"):
            self.assertEqual(one["spec"]["maxUnavailable"], 1)

    def test_whoever_is_found_by_a_name_is_known_before_those_who_were_found_by_it_go(self):
        # A cluster's DNS may tell for 30 seconds what was so, and callers look every two.
        waits = {one["metadata"]["name"]: one["spec"].get("minReadySeconds", 0) for one in of_kind(chart().objects(*YEARS), "Deployment")}
        for service in SERVICES:
            named = service != "gateway"
            self.assertEqual(waits[f"sello-{service}"] > 30 + 2, named, service)

    def test_every_pod_lands_where_it_may_and_as_urgently_as_all(self):
        for upgrade in (False, True):
            found = dict(pods(chart().objects(*MATRIX["everywhere apart"], upgrade=upgrade)))
            beside = ["postgresql", "nats", "pgbouncer", "provision", "backup", "restore", "operator", "verify"]
            migrations = [f"{service}-migrate" for service in SERVICES if service != "gateway"]
            self.assertEqual(found.keys(), {f"stamps-{name}" for name in SERVICES + beside + migrations})
            for name, template in found.items():
                spec = template["spec"]
                self.assertEqual(spec.get("nodeSelector"), {"pool": "sello"}, name)
                self.assertEqual(spec.get("tolerations"), [{"key": "sello", "operator": "Exists"}], name)
                self.assertEqual(spec.get("priorityClassName"), "high", name)

    def test_a_migration_lands_where_its_service_does(self):
        own = {"nodeSelector": {"kubernetes.io/arch": "arm64"}, "tolerations": [{"key": "arm"}]}
        found = dict(pods(chart().objects({"nodeSelector": {"pool": "sello"}, "services": {"stamping": own}})))
        for name in ("sello-stamping", "sello-stamping-migrate"):
            spec = found[name]["spec"]
            self.assertEqual({key: spec.get(key) for key in own}, own, name)
        self.assertEqual(found["sello-campaign-migrate"]["spec"]["nodeSelector"], {"pool": "sello"})

    def test_who_grows_by_itself_has_no_number_of_replicas(self):
        for one in of_kind(chart().objects(GROWING), "Deployment"):
            name = one["metadata"]["name"].removeprefix("sello-")
            self.assertEqual("replicas" in one["spec"], name not in SERVICES, name)
        for one in of_kind(chart().objects(GROWING), "HorizontalPodAutoscaler"):
            metrics = {metric["resource"]["name"] for metric in one["spec"]["metrics"]}
            self.assertEqual(metrics, {"cpu", "memory"})

    def test_one_autoscaler_alone_rules_a_service(self):
        objects = chart().objects(GROWING, {"keda": {"enabled": True, "prometheusUrl": "http://prometheus:9090"}})
        self.assertEqual(of_kind(objects, "HorizontalPodAutoscaler"), [])
        for one in of_kind(objects, "ScaledObject"):
            triggers = [trigger["type"] for trigger in one["spec"]["triggers"]]
            self.assertLessEqual({"cpu", "memory"}, set(triggers))
            self.assertEqual("nats-jetstream" in triggers, one["metadata"]["name"] != "sello-gateway")


class Secrets(unittest.TestCase):
    def test_what_is_made_up_has_the_shape_that_services_ask_for(self):
        (secret,) = [one for one in of_kind(chart().objects(), "Secret") if one["metadata"]["name"] == "sello-generated"]
        data = {key: base64.b64decode(value).decode() for key, value in secret["data"].items()}
        for key in ("link-secret", "address-secret"):
            self.assertRegex(data[key], "^[0-9a-f]{64}$")
        self.assertRegex(data["code-keys"], "^1:[0-9a-f]{64}$")
        for key, value in data.items():
            if key.startswith(("nats-", "postgres-")):
                self.assertRegex(value, "^[a-z][A-Za-z0-9]{31}$")
        self.assertEqual(len(set(data.values())), len(data))
        self.assertEqual(secret["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")

    def test_where_all_are_named_none_is_made(self):
        self.assertEqual(of_kind(chart().objects(*YEARS), "Secret"), [])


class Refusals(unittest.TestCase):
    def test_what_cannot_work_is_refused_with_its_name(self):
        gateway = {"gatewayApi": {"enabled": True, "host": "sello.example", "className": "a", "tlsSecret": "b"}}
        refused = {
            "replicas": [{"services": {"stamping": {"replicas": "three"}}}],
            "additional": [{"services": {"stamping": {"replica": 3}}}],
            "billing": [{"services": {"billing": {}}}],
            "postgresql.external.host": [{"postgresql": {"bundled": {"enabled": False}}}],
            "secrets.database.existingSecret": [
                {"postgresql": {"bundled": {"enabled": False}, "external": {"host": "db.example"}}}
            ],
            "nats.external.url": [{"nats": {"bundled": {"enabled": False}}}],
            "nats.external.monitoring": [
                EXTERNAL_NATS,
                {"nats": {"external": {"monitoring": ""}}, "keda": {"enabled": True}},
            ],
            "objects.url": [{"services": {"wallet-pass": {"replicas": 2}}}],
            "publicUrl": [OUTSIDE, {"publicUrl": ""}],
            "whatsapp.existingSecret": [{"publicUrl": "https://a", "whatsapp": {"enabled": True}}],
            "trustedProxies": [gateway],
            "postgresql.external.replica.host": [{"postgresql": {"external": {"replica": {"host": "replica.example"}}}}],
            "sslmode": [EXTERNAL_POSTGRESQL, {"postgresql": {"external": {"sslmode": "maybe"}}}],
            "env": [{"services": {"messaging": {"env": [{"name": "MESSAGING__PROVIDER", "value": "fake"}]}}}],
            "image.registry": [{"image": {"registry": ""}}],
            "services.analytics.replicas": [{"serviceDefaults": {"replicas": 9, "autoscaling": {"enabled": True, "maxReplicas": 8}}}],
            "services.gateway.replicas": [*YEARS[:1], {"services": {"gateway": {"replicas": 5}}}],
            "nats.external.port": [EXTERNAL_NATS, {"nats": {"external": {"url": "tls://nats.example:4443"}}}],
            # A proxy may be one address; a network of a NetworkPolicy has its mask.
            "postgresql/external/networks": [EXTERNAL_POSTGRESQL, {"postgresql": {"external": {"networks": ["10.0.3.7"]}}}],
            "replica/networks": [EXTERNAL_POSTGRESQL, REPLICA, {"postgresql": {"external": {"replica": {"networks": ["10.0.3.7"]}}}}],
            "objects/identityAt": [{"objects": {"identityAt": ["169.254.170.23"]}}],
            "postgresql.external.sslmode": [EXTERNAL_POSTGRESQL, {"postgresql": {"external": {"sslmode": "verify-ca"}}}],
            # Its own server has 200 connections; twenty pass the pooler by, and a pod more is there while one is changed.
            "pgbouncer.maxDatabaseConnections": [{"pgbouncer": {"replicas": 3}}],
            # Six roles that end each other's connections would do little else under load.
            "fewer than each of six roles": [{"pgbouncer": {"maxDatabaseConnections": 47}}],
            "fewer than each of six roles may": [EXTERNAL_POSTGRESQL, {"pgbouncer": {"maxDatabaseConnections": 47}}],
            "postgresql.bundled.maxConnections": [{"pgbouncer": {"enabled": False}, "services": {"stamping": {"replicas": 5}}}],
        }
        for word, layers in refused.items():
            with self.subTest(word):
                self.assertIn(word, chart().refusal(*layers) or "taken")

    def test_a_proxy_may_be_one_address(self):
        self.assertIsNone(chart().refusal({"trustedProxies": ["10.0.3.7", "fd00::1", "10.0.0.0/8"]}))

    def test_what_its_own_server_can_just_hold_is_taken(self):
        self.assertIsNone(chart().refusal({"pgbouncer": {"replicas": 2}}))
        self.assertIsNone(chart().refusal({"pgbouncer": {"replicas": 3, "poolSize": 7, "maxDatabaseConnections": 45}}))
        self.assertIn("4 pods of PgBouncer", chart().refusal({"pgbouncer": {"replicas": 3, "poolSize": 7, "maxDatabaseConnections": 46}}))
        # Without one, a pod that ends keeps its connections while the next one comes.
        self.assertIsNone(chart().refusal({"pgbouncer": {"enabled": False}, "services": {"stamping": {"replicas": 4}}}))
        # Another's server is as large as whoever runs it says.
        self.assertIsNone(chart().refusal(EXTERNAL_POSTGRESQL, {"pgbouncer": {"replicas": 9}}))

    def test_every_value_is_known_to_the_schema_and_every_word_of_the_schema_is_a_value(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        self.compare(schema, read(CHART / "values.yaml"), schema["$defs"], "")

    def compare(self, schema, values, shared, path):
        schema = shared[schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
        if path == ".services" or "properties" not in schema:
            return
        known, there = set(schema["properties"]) - {"global"}, set(values)
        if path.endswith(("resources", "Resources", ".requests", ".limits")):
            self.assertLessEqual(there, known, path)
        else:
            self.assertEqual(known, there, path)
        for key in known & there:
            if isinstance(values[key], dict):
                self.compare(schema["properties"][key], values[key], shared, f"{path}.{key}")


class Replica(unittest.TestCase):
    def place(self, objects):
        (deployment,) = [one for one in of_kind(objects, "Deployment") if one["metadata"]["name"] == "sello-analytics"]
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        return {one["name"]: one.get("value") for one in container["env"]}.get("ANALYTICS__REPLICA")

    def databases(self, objects):
        (config,) = [one for one in of_kind(objects, "ConfigMap") if one["metadata"]["name"] == "sello-pgbouncer"]
        return config["data"]["databases.ini"].splitlines()

    def test_analytics_reaches_it_by_the_pooler_which_speaks_tls_to_both(self):
        objects = chart().objects(EXTERNAL_POSTGRESQL, REPLICA)
        self.assertEqual(self.place(objects), "postgres://sello_analytics@sello-pgbouncer:6432/sello_replica?sslmode=disable")
        primary, replica = self.databases(objects)
        self.assertEqual(primary, "sello = host=db.example port=5432")
        self.assertEqual(replica, "sello_replica = host=replica.example port=5433 dbname=sello")
        # By that name the end-to-end suite reaches it too, where it has a pooler.
        code = (ROOT / "services/standalone/src/servers/pgbouncer.rs").read_text()
        self.assertIn('const REPLICA: &str = "sello_replica";', code)

    def test_without_a_pooler_it_is_reached_with_the_primarys_own_tls(self):
        objects = chart().objects(*MATRIX["with a replica and no pooler"])
        tls = "sslmode=verify-full&sslrootcert=/etc/sello/postgresql-ca/ca.crt"
        self.assertEqual(self.place(objects), f"postgres://sello_analytics@replica.example:5433/sello?{tls}")

    def test_where_there_is_none_nobody_looks_for_it(self):
        for layers in ([], [EXTERNAL_POSTGRESQL]):
            self.assertIsNone(self.place(chart().objects(*layers)))
            self.assertEqual(len(self.databases(chart().objects(*layers))), 1)

    def test_whoever_connects_to_it_may(self):
        for layers, who in (([EXTERNAL_POSTGRESQL, REPLICA], "pgbouncer"), (MATRIX["with a replica and no pooler"], "analytics")):
            rules = {
                one["metadata"]["name"]: [rule for rule in one["spec"].get("egress", []) if rule.get("ports") == [{"port": 5433}]]
                for one in of_kind(chart().objects(*layers), "NetworkPolicy")
            }
            self.assertEqual([name for name, found in rules.items() if found], [f"sello-{who}"])
            self.assertEqual(rules[f"sello-{who}"][0]["to"], [{"ipBlock": {"cidr": "10.3.0.0/16"}}])


class Operator(unittest.TestCase):
    def test_its_pod_and_its_job_reach_every_service_as_the_operator(self):
        objects = chart().objects(*MATRIX["with the operator's pod"])
        templates = {name: template for name, template in pods(objects) if name in ("sello-operator", "sello-verify")}
        words = {name: template["spec"]["containers"][0]["args"] for name, template in templates.items()}
        self.assertEqual(words, {"sello-operator": ["attend"], "sello-verify": ["verify"]})
        for template in templates.values():
            (container,) = template["spec"]["containers"]
            names = {variable["name"] for variable in container["env"]}
            wanted = {f"SELLO__{service.upper().replace('-', '_')}_URL" for service in SERVICES}
            self.assertEqual(names, wanted | {"SELLO__OPERATOR_SECRET"})

    def test_every_variable_is_one_that_the_program_reads(self):
        text = (ROOT / "services/standalone/src/elsewhere.rs").read_text()
        body = re.search(r"struct Elsewhere \{(.*?)\n\}", text, re.S)[1]
        fields = {f"SELLO__{field.upper()}" for field in re.findall(r"^    (?:pub\(crate\) )?(\w+): String,", body, re.M)}
        for _, template in pods(chart().objects(*MATRIX["with the operator's pod"])):
            for container in template["spec"]["containers"]:
                named = {one["name"] for one in container.get("env", []) if one["name"].startswith("SELLO__")}
                self.assertIn(named, (set(), fields))

    def test_unasked_it_is_not_there(self):
        names = [name for name, _ in pods(chart().objects())]
        self.assertFalse({"sello-operator", "sello-verify"} & set(names))


class Years(unittest.TestCase):
    # What the growth model says: a test of its own keeps this file.
    SIZES = json.loads((ROOT / "crates/growth/tests/it/sizes.json").read_text())

    def each(self, check):
        for at, year in enumerate(("1", "3", "5")):
            with self.subTest(year):
                check(self.SIZES[year], merged(read(CHART / "values.yaml"), *YEARS[: at + 1]))

    def test_replicas_are_as_many_as_the_model_asks_for(self):
        def check(sizes, values):
            for service in SERVICES:
                own = merged(values["serviceDefaults"], values["services"].get(service) or {})
                found = {"replicas": own["replicas"], "most": own["autoscaling"]["maxReplicas"]}
                self.assertEqual(found, sizes["services"][service], service)

        self.each(check)

    def test_connections_are_as_many_as_the_model_gives(self):
        def check(sizes, values):
            pooler = values["pgbouncer"]
            self.assertEqual(pooler["replicas"], sizes["poolers"])
            self.assertEqual(pooler["poolSize"], sizes["pool"])
            self.assertEqual(pooler["reservePoolSize"], sizes["reserve"])
            self.assertEqual(pooler["maxDatabaseConnections"], sizes["pool_total"])
            # One pod more while they are changed, and twenty connections that pass them by.
            self.assertLessEqual((pooler["replicas"] + 1) * pooler["maxDatabaseConnections"] + 20, sizes["max_connections"])
            # Two roles in a burst leave something to the other four.
            self.assertLess(2 * (pooler["poolSize"] + pooler["reservePoolSize"]), pooler["maxDatabaseConnections"])
            # Also when one of its pods is away.
            self.assertGreaterEqual(pooler["maxClientConnections"] * (pooler["replicas"] - 1), sizes["clients"])
            self.assertEqual(bool(values["postgresql"]["external"]["replica"]["host"]), sizes["read_replicas"] > 0)

        self.each(check)

    def test_without_a_year_too_each_role_keeps_its_connections_and_one_has_its_burst(self):
        values = read(CHART / "values.yaml")["pgbouncer"]
        chosen = values["poolSize"], values["reservePoolSize"], values["maxDatabaseConnections"]
        text = (CHART / "files/pgbouncer/pgbouncer.ini").read_text()
        words = "default_pool_size", "reserve_pool_size", "max_db_connections"
        written = tuple(int(re.search(rf"^{word} = (\d+)$", text, re.M)[1]) for word in words)
        self.assertEqual(chosen, written)
        pool, reserve, most = chosen
        self.assertEqual(most, 6 * pool + reserve)

    def test_backups_find_room(self):
        def check(sizes, values):
            size = int(values["backup"]["size"].removesuffix("Gi")) * 1024
            self.assertGreaterEqual(size, values["backup"]["keep"] * sizes["held_megabytes"])

        self.each(check)

    def test_what_each_file_says_of_itself_is_what_the_model_says(self):
        for year, sizes in self.SIZES.items():
            text = (CHART / f"values-year{year}.yaml").read_text()
            said = re.sub(r"\n# ?", " ", text.split("\nserviceDefaults:")[0].split("\nservices:")[0])
            for number, what in (
                ("businesses", "businesses"),
                ("customers", "customers"),
                ("stamps_a_day", "stamps a day"),
                ("messages_a_day", "messages a day"),
                ("messages_on_the_busiest_day", "on the busiest"),
                ("cores", "cores"),
                ("disk_gigabytes", "GB of disk"),
                ("pool_total", "connections each"),
            ):
                self.assertIn(f"{sizes[number]:,} {what}", said, year)
            self.assertRegex(said, rf"max_connections is {sizes['max_connections']}\b")

    def test_pods_of_the_services_find_room_at_the_pooler(self):
        for year in range(len(YEARS)):
            values = merged(read(CHART / "values.yaml"), *YEARS[: year + 1])
            wanted = 0
            for service in SERVICES:
                own = merged(values["serviceDefaults"], values["services"].get(service) or {})
                wanted += 0 if service == "gateway" else own["autoscaling"]["maxReplicas"] * own["databaseConnections"]
            # Also when one of its pods is away.
            self.assertLessEqual(wanted, values["pgbouncer"]["maxClientConnections"] * (values["pgbouncer"]["replicas"] - 1))

    def test_nobody_stands_alone(self):
        for year in range(len(YEARS)):
            objects = chart().objects(*YEARS[: year + 1])
            scaled = of_kind(objects, "HorizontalPodAutoscaler") + of_kind(objects, "ScaledObject")
            self.assertEqual(len(scaled), 7)
            for one in scaled:
                self.assertGreaterEqual(one["spec"].get("minReplicas") or one["spec"].get("minReplicaCount"), 2)
            self.assertEqual(of_kind(objects, "StatefulSet"), [])


if __name__ == "__main__":
    unittest.main()
