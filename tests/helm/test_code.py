"""What the chart, compose, rules and dashboards say of the code is true of it."""

import json
import re
import tempfile
import unittest

import yaml

from chart import CHART, GROWING, MATRIX, NAMED, OUTSIDE, ROOT, SERVICES, TOOLS, WATCHED, YEARS, asked_by, chart, defaults, facts
from chart import merged, metrics, of_kind, pods, read, run, settings, source, structs

# What the libraries read by themselves: sqlx, object_store.
LIBRARIES = {"PGPASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
ALERTS = [rule for path in sorted((CHART / "files/prometheus").glob("*.yml")) for group in read(path)["groups"] for rule in group["rules"]]


class Settings(unittest.TestCase):
    def test_every_variable_of_the_chart_is_one_that_the_service_reads(self):
        seen = {service: set() for service in SERVICES}
        for layers in MATRIX.values():
            for _, template in pods(chart().objects(*layers)):
                for container in template["spec"]["containers"]:
                    service = container["name"] if container["name"] in SERVICES else None
                    if container["name"] == "migrate":
                        service = re.search(r"sello-([a-z-]+):", container["image"])[1]
                    if service:
                        names = [variable["name"] for variable in container["env"]]
                        self.assertEqual(len(names), len(set(names)))
                        self.assertLessEqual(set(names) - LIBRARIES, settings(service), service)
                        seen[service] |= set(names)
        # Nothing that has no default is forgotten: each secret, each address.
        for service in SERVICES:
            without = {name for name in settings(service) if name.endswith(("_SECRET", "_URL", "__URL", "CODE_KEYS"))}
            optional = {name for name in without if re.search("APPLE|GOOGLE|TWILIO|BASE_URL", name)}
            self.assertLessEqual(without - optional, seen[service])

    def test_every_variable_of_compose_is_one_that_the_service_reads(self):
        services = read(ROOT / "deploy/compose.yaml")["services"]
        for name, service in services.items():
            of = name.removeprefix("migrate-")
            if of in SERVICES:
                self.assertLessEqual(set(service["environment"]) - LIBRARIES, settings(of), name)
                for other in asked_by(of) if of == name else []:
                    variable = f"{of.upper()}__{other.upper()}_URL".replace("-", "_")
                    self.assertEqual(service["environment"][variable], f"http://{other}:{facts()[other]['port']}")

    def test_the_facts_are_those_of_the_code(self):
        self.assertEqual(sorted(facts()), SERVICES)
        for service, fact in facts().items():
            with self.subTest(service):
                for key, setting in (("port", "listen"), ("admin", "admin")):
                    found = re.search(rf'^{setting} = "[\d.]+:(\d+)"', defaults(service), re.M)
                    self.assertEqual(int(found[1]), fact[key])
                self.assertEqual(fact["prefix"], service.upper().replace("-", "_"))
                self.assertEqual(sorted(fact["asks"]), asked_by(service))
                fields = structs(source(service) / "config.rs")["Config"]
                self.assertEqual(fact.get("storeless", False), "database" not in fields)
                self.assertEqual(fact.get("serviceSecret", False), "service_secret" in fields)
                self.assertEqual(fact.get("outside", False), bool(fields.keys() & {"twilio", "apple", "google"}))

    def test_roles_and_subjects_are_named_as_the_code_names_them(self):
        platform = (ROOT / "services/standalone/src/platform.rs").read_text()
        databases = re.search(r"const DATABASES: .*?= \[(.*?)\];", platform, re.S)[1]
        roles = sorted(re.findall(r'"(\w+)"', databases))
        self.assertEqual(roles, sorted(fact["role"] for fact in facts().values() if not fact.get("storeless")))
        nats = (CHART / "files/nats/nats.conf").read_text()
        self.assertEqual(sorted(re.findall(r"^    \{ user: (\w+)", nats, re.M)), sorted(fact["role"] for fact in facts().values()))

    def test_consumers_are_named_as_the_code_names_them(self):
        for service, fact in facts().items():
            text = "".join(path.read_text() for path in (source(service) / "app.rs", source(service) / "consumers.rs") if path.is_file())
            found = re.findall(r'const (?:CONSUMER|NAME): &str = "([\w-]+)"', text)
            self.assertEqual(found, fact["consumers"], service)

    def test_programs_take_the_words_that_they_are_given(self):
        for service in SERVICES:
            text = (source(service) / "main.rs").read_text()
            self.assertIn('"serve"', text)
            self.assertEqual('"migrate"' in text, service != "gateway")

    def test_nobody_is_pretended_to(self):
        for layers in ([], [OUTSIDE]):
            for _, template in pods(chart().objects(*layers)):
                for container in template["spec"]["containers"]:
                    for variable in container.get("env", []):
                        self.assertNotEqual(variable.get("value"), "fake")


FUNCTIONS = set(
    """abs absent and avg avg_over_time bool by count group_left group_right histogram_quantile hour ignoring increase label_replace
    label_values max min offset on or rate round sum sum_over_time time topk unless vector without""".split()
)
# What others tell: node-exporter, kubelet, kube-state-metrics, KEDA, and Prometheus itself.
OTHERS = re.compile(r"^(node|kube|kubelet|container|prometheus|keda)_\w+$|^(up|ALERTS)$")


def words(expression):
    """The metrics that an expression names."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", bare)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    bare = re.sub(r"\boffset\s+\w+|\$\w+", " ", bare)
    return {word for word in re.findall(r"[a-zA-Z_:][\w:]*", bare)} - FUNCTIONS - {"component"}


class Metrics(unittest.TestCase):
    def known(self, word):
        if OTHERS.match(word) or word in self.recorded:
            return True
        if metrics().get(word) in ("counter", "gauge"):
            return True
        base = re.sub(r"_(bucket|count|sum)$", "", word)
        if metrics().get(base) != "histogram":
            return False
        # Only what ends in seconds has buckets; the others are told by quantiles.
        return base.endswith("_seconds") if word != base else not base.endswith("_seconds")

    @property
    def recorded(self):
        return {rule["record"] for rule in ALERTS if "record" in rule}

    def test_every_metric_of_a_rule_is_told_by_somebody(self):
        for rule in ALERTS:
            for word in words(rule["expr"]):
                self.assertTrue(self.known(word), f"{rule.get('alert') or rule['record']}: {word}")

    def test_every_service_is_missed_when_it_has_no_pod(self):
        texts = [rule["expr"] for rule in ALERTS if rule.get("alert") in ("ServiceDown", "GatewayDown")]
        missed = re.findall(r'absent\(\s*up\{job="sello", component="([\w-]+)"\}', "".join(texts))
        self.assertEqual(sorted(missed), SERVICES)

    def test_every_metric_of_a_dashboard_is_told_by_somebody(self):
        paths = sorted((CHART / "files/grafana").glob("*.json"))
        self.assertEqual([path.stem for path in paths], ["business", "platform", "service"])
        for path in paths:
            board = json.loads(path.read_text())
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)))
            for panel in board["panels"]:
                for target in panel.get("targets", []):
                    for word in words(target["expr"]):
                        self.assertTrue(self.known(word), f"{path.name}, {panel['title']}: {word}")

    def test_every_metric_has_its_row_in_the_documentation_and_every_row_its_metric(self):
        text = (ROOT / "deploy/metrics.md").read_text()
        rows = re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.M)
        self.assertEqual(len(rows), len(dict(rows)))
        self.assertEqual(dict(rows), metrics())

    def test_what_waits_is_shown_on_a_dashboard_or_wakes_somebody(self):
        asked = {word for rule in ALERTS for word in words(rule["expr"])}
        for path in (CHART / "files/grafana").glob("*.json"):
            for panel in json.loads(path.read_text())["panels"]:
                asked |= {word for target in panel.get("targets", []) for word in words(target["expr"])}
        asked = {re.sub(r"_(bucket|count|sum)$", "", word) for word in asked}
        # Of use beside others, in a question that somebody types.
        rarely = {"passes_purged_total", "ledger_audited_cards_total"}
        self.assertEqual(sorted(metrics().keys() - asked - rarely), [])

    @unittest.skipUnless((TOOLS / "bin/promtool").is_file(), "promtool could not be fetched")
    def test_every_expression_of_a_dashboard_is_one_that_prometheus_reads(self):
        asked = []
        for path in sorted((CHART / "files/grafana").glob("*.json")):
            for panel in json.loads(path.read_text())["panels"]:
                asked += [target["expr"] for target in panel.get("targets", [])]
        asked = [text.replace("$__rate_interval", "5m").replace("$component", "stamping") for text in asked]
        rules = [{"record": "asked", "labels": {"at": str(at)}, "expr": text} for at, text in enumerate(asked)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, file)
            file.flush()
            run(TOOLS / "bin/promtool", "check", "rules", file.name)

    def test_every_queue_that_pods_are_added_for_is_told_by_somebody(self):
        for fact in facts().values():
            for query in fact.get("queues", []):
                self.assertTrue(all(self.known(word) for word in words(query)), query)

    def test_every_reason_and_route_that_is_named_is_one_of_the_code(self):
        outcome = (source("messaging") / "domain/outcome.rs").read_text()
        reasons = set(re.findall(r'Self::\w+ => "(\w+)"', outcome))
        routes = "".join(path.read_text() for path in source("gateway").rglob("*.rs"))
        boards = "".join(path.read_text() for path in (CHART / "files").rglob("*") if path.suffix in (".json", ".yml"))
        for named in re.findall(r'reason=~\\?"([\w|]+)\\?"', boards):
            self.assertLessEqual(set(named.split("|")), reasons)
        for route in set(re.findall(r'route=\\?"(/[^"\\]+)\\?"', boards)):
            self.assertIn(f'"{route}"', routes)

    def test_rows_are_counted_by_every_replica_and_never_added_up(self):
        rows = {name for name, kind in metrics().items() if kind == "gauge"} - {"live_connections", "db_pool_connections"}
        texts = [rule["expr"] for rule in ALERTS]
        for path in (CHART / "files/grafana").glob("*.json"):
            for panel in json.loads(path.read_text())["panels"]:
                texts += [target["expr"] for target in panel.get("targets", [])]
        for text in texts:
            for name in rows:
                self.assertNotRegex(text, rf"sum( by \([^)]*\))? ?\({name}\b")


class Runbook(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "deploy/runbook.md").read_text()
        self.alerts = [rule for rule in ALERTS if "alert" in rule]

    def test_every_alert_has_its_section_and_every_section_its_alert(self):
        sections = re.findall(r"^### (\w+)$", self.text, re.M)
        self.assertEqual(sorted(sections), sorted(rule["alert"] for rule in self.alerts))

    def test_what_is_said_to_watch_the_growth_document_does(self):
        table = (ROOT / "deploy/metrics.md").read_text().partition("\n| asked | watched by |\n")[2]
        promises = {rule["labels"]["promise"] for rule in ALERTS if rule.get("record") == "sello:budget:ratio"}
        self.assertEqual(set(re.findall(r"\*(\w+)\*", table)), promises)
        named = set(re.findall(r"`(\w+)`", table))
        self.assertGreater(len(named), 15)
        self.assertLessEqual(named, {rule["alert"] for rule in self.alerts})

    def test_every_section_says_something(self):
        for section in re.split(r"^### ", self.text, flags=re.M)[1:]:
            name, _, body = section.partition("\n")
            self.assertGreater(len(re.split(r"^#", body, flags=re.M)[0].split()), 25, name)

    def test_a_restored_platform_is_asked_only_by_what_is_back(self):
        """Everybody whom an order of the operator's asks has pods by then, and shops are stopped before campaign has."""
        desk = (ROOT / "services/standalone/src/verify.rs").read_text()
        verify = {name.replace("_", "-") for name in re.findall(r"links\.(\w+)", desk)}
        self.assertIn("campaign", verify)
        asked = {"verify": verify, "operator stop": {"enrollment", "messaging"}}
        section = self.text.partition("\n## Restore\n")[2]
        resting, told = set(), []
        said = r"/usr/bin/sello (verify|operator stop)|(?:services\.([\w-]+)\.)?offline=(true|false)"
        for order, who, rests in re.findall(said, section):
            if order:
                self.assertFalse(asked[order] & resting, order)
                told.append((order, "campaign" in resting))
                continue
            change = {who} if who else set(SERVICES)
            resting = resting | change if rests == "true" else resting - change
        self.assertEqual(told, [("operator stop", True), ("verify", False)])

    def test_whoever_is_put_to_rest_is_so_by_a_file_and_not_until_the_next_upgrade(self):
        self.assertNotRegex(self.text, r"--set[ =]\S*offline")
        for title in ("## At rest", "### MessageDoubled", "## Restore"):
            section = self.text.partition(f"\n{title}\n")[2].partition("\n##")[0]
            self.assertIn("offline", section)
            self.assertRegex(section.replace("\n", " "), r"values +file")

    def test_where_no_machine_of_ours_is_asked_about_it_is_said_who_asks(self):
        """Managed servers are no nodes of the cluster and have no claims in it."""
        outside = {rule["alert"] for rule in self.alerts if re.search(r"\b(node|kubelet)_", rule["expr"])}
        self.assertEqual(len(outside), 5)
        table = (ROOT / "deploy/metrics.md").read_text().partition("\n| asked | watched by |\n")[2]
        rows = [row for row in table.splitlines() if outside & set(re.findall(r"`(\w+)`", row))]
        self.assertEqual(len(rows), 5)
        for row in rows:
            self.assertIn("another's database: its provider", row)
        self.assertIn("provider's own alerts", self.text.partition("\n## Machines\n")[2].partition("\n###")[0].replace("\n", " "))

    def test_every_alert_says_what_it_is_how_grave_and_where_to_read_on(self):
        for rule in self.alerts:
            self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))
            self.assertEqual(rule["annotations"]["runbook"], f"deploy/runbook.md#{rule['alert'].lower()}")
            self.assertTrue(rule["annotations"]["summary"].endswith("."))

    def test_every_alert_leads_whoever_is_woken_to_its_section(self):
        base = "https://git.example/sello/deploy/runbook.md"
        sections = {section.lower() for section in re.findall(r"^### (\w+)$", self.text, re.M)}
        for layers in ([WATCHED, {"monitoring": {"rules": {"runbookUrl": base}}}], YEARS[:1]):
            rules = of_kind(chart().objects(*layers), "PrometheusRule")
            told = [rule["annotations"] for one in rules for group in one["spec"]["groups"] for rule in group["rules"] if "alert" in rule]
            self.assertEqual(len(told), len(self.alerts))
            for annotations in told:
                self.assertNotIn("runbook", annotations)
                address, _, section = annotations["runbook_url"].partition("#")
                self.assertRegex(address, r"^https://git\.example/sello/\S*deploy/runbook\.md$")
                self.assertIn(section, sections)
        for wrong in ("deploy/runbook.md", 'https://git.example/"', f"{base}#apislow"):
            self.assertIn("runbookUrl", chart().refusal({"monitoring": {"rules": {"runbookUrl": wrong}}}), wrong)

    def test_what_the_database_tells_to_all_replicas_alike_is_not_said_to_be_of_one(self):
        section = self.text.partition("\n### WalletStopped\n")[2].partition("\n###")[0]
        table = (ROOT / "deploy/metrics.md").read_text()
        self.assertIn("| `wallet_stopped` | gauge | rows, by `wallet` |", table)
        self.assertNotIn("replica", section)

    def test_every_alert_has_its_test(self):
        tests = "".join(path.read_text() for path in (ROOT / "tests/alerts").glob("*.test.yml"))
        for rule in self.alerts:
            self.assertIn(f'alertname="{rule["alert"]}"', tests)

    def test_the_chart_takes_every_rule_and_dashboard(self):
        objects = chart().objects(*MATRIX["watched, with traces"])
        rules = [rule for one in of_kind(objects, "PrometheusRule") for group in one["spec"]["groups"] for rule in group["rules"]]
        self.assertEqual(rules, ALERTS)
        boards = [one for one in of_kind(objects, "ConfigMap") if "grafana_dashboard" in one["metadata"]["labels"]]
        for one in boards:
            for name, text in one["data"].items():
                self.assertEqual(json.loads(text), json.loads((CHART / "files/grafana" / name.removeprefix("sello-")).read_text()))
        self.assertEqual(len(boards), 3)


class OneRelease(unittest.TestCase):
    """What Kubernetes tells of everybody, and a rule asks about one release alone."""

    OF_OBJECTS = r"(?:kube|kubelet|keda)_\w+\{([^}]*)\}"
    OF_PODS = r"\b(?:container|kube|kubelet|keda)_\w+(?:\{([^}]*)\})?"

    def questions(self, name, namespace):
        """What the dashboards of a release ask, and by what names they go."""
        values = merged(NAMED, WATCHED, {"fullnameOverride": name})
        text = chart().chart.render(values, name="sello", namespace=namespace)["sello/templates/monitoring.yaml"]
        boards = [one for one in of_kind(filter(None, yaml.safe_load_all(text)), "ConfigMap")]
        boards = [json.loads(text) for one in boards for text in one["data"].values()]
        asked = [target["expr"] for board in boards for panel in board["panels"] for target in panel.get("targets", [])]
        return asked, {board["uid"] for board in boards}

    def test_dashboards_ask_about_the_namespace_and_the_names_of_their_own_release(self):
        asked, names = self.questions("stamps", "staging")
        selectors = [labels for text in asked for labels in re.findall(self.OF_PODS, text)]
        self.assertEqual(len(selectors), 9)
        for labels in selectors:
            self.assertIn('namespace="staging"', labels)
            self.assertRegex(labels, r'(pod|horizontalpodautoscaler)=~?"stamps-\$component')
        self.assertEqual(names, {"sello-business", "sello-platform", "sello-service"})
        usual, _ = self.questions("sello", "prod")
        files = [json.loads(path.read_text()) for path in sorted((CHART / "files/grafana").glob("*.json"))]
        written = [target["expr"] for board in files for panel in board["panels"] for target in panel.get("targets", [])]
        self.assertEqual(sorted(usual), sorted(written))

    def expressions(self, *layers):
        rules = of_kind(chart().objects(WATCHED, *layers), "PrometheusRule")
        return {rule["alert"]: rule["expr"] for one in rules for group in one["spec"]["groups"] for rule in group["rules"] if "alert" in rule}

    def test_rules_ask_about_the_namespace_and_the_names_of_their_own_release(self):
        asked = 0
        for name, expression in self.expressions({"fullnameOverride": "stamps"}).items():
            for labels in re.findall(self.OF_OBJECTS, expression):
                asked += 1
                self.assertRegex(labels, r'namespace=~?"prod"', name)
                self.assertRegex(labels, r'(cronjob|pod|scaledObject|horizontalpodautoscaler|persistentvolumeclaim|job_name)=~?"[^"]*stamps-', name)
                self.assertNotIn("sello-", labels, name)
        self.assertGreater(asked, 10)

    def test_another_namespace_is_asked_about_where_the_release_is_there(self):
        text = chart().chart.render(merged(NAMED, WATCHED), name="sello", namespace="staging")["sello/templates/monitoring.yaml"]
        objects = of_kind(filter(None, yaml.safe_load_all(text)), "PrometheusRule")
        asked = [labels for one in objects for labels in re.findall(self.OF_OBJECTS, json.dumps(one).replace('\\"', '"'))]
        self.assertGreater(len(asked), 10)
        for labels in asked:
            self.assertRegex(labels, r'namespace=~?"staging"')

    def test_the_names_are_those_of_what_the_chart_makes(self):
        layers = *MATRIX["growing with what waits"], {"backup": {"enabled": True}, "operator": {"enabled": True}}
        objects = chart().objects(*layers)
        made = {kind: {one["metadata"]["name"] for one in of_kind(objects, kind)} for kind in ("CronJob", "ScaledObject", "Job")}
        grown = {one["metadata"]["name"] for one in of_kind(chart().objects(GROWING), "HorizontalPodAutoscaler")}
        claims = {one["metadata"]["name"] for one in of_kind(chart().objects({"backup": {"enabled": True}}), "PersistentVolumeClaim")}
        claims |= {
            f"{claim['metadata']['name']}-{one['metadata']['name']}-0"
            for one in of_kind(objects, "StatefulSet")
            for claim in one["spec"]["volumeClaimTemplates"]
        }
        asked = self.expressions()
        for alert, label, names in (
            ("BackupLate", "cronjob", {"sello-backup"}),
            ("VerifyLate", "cronjob", {"sello-verify"}),
            ("RestForgotten", "cronjob", {"sello-backup", "sello-verify"}),
            ("MigrationFailed", "job_name", made["Job"]),
            ("ScalingBlind", "scaledObject", made["ScaledObject"]),
            ("ScalingBlind", "horizontalpodautoscaler", grown),
            ("NoMorePods", "horizontalpodautoscaler", grown),
            ("VolumeFilling", "persistentvolumeclaim", claims - {"sello-backup"}),
        ):
            self.assertTrue(names)
            (pattern, *_) = re.findall(rf'\b{label}=~?"([^"]*)"', asked[alert])
            every = made["CronJob"] if label == "cronjob" else names
            self.assertEqual({name for name in every if re.fullmatch(pattern, name)}, names, alert)

    def test_a_claim_that_was_given_is_watched_and_one_elsewhere_that_sello_stands_on(self):
        def claims(*layers):
            return re.search(r'namespace=~"([^"]*)",persistentvolumeclaim=~"([^"]*)"', self.expressions(*layers)["VolumeFilling"]).groups()

        def watched(namespace, claim, *layers):
            return all(re.fullmatch(pattern, asked) for pattern, asked in zip(claims(*layers), (namespace, claim)))

        given = {"backup": {"enabled": True, "existingClaim": "copies"}}
        self.assertEqual([watched("prod", "copies", *layers) for layers in ([], [given])], [False, True])
        for layers in YEARS[:1], YEARS[:2], YEARS:
            self.assertTrue(watched("nats", "nats-js-nats-0", *layers))
            self.assertTrue(watched("prod", "sello-objects", *layers))
            self.assertFalse(watched("shop", "sello-objects", *layers))


if __name__ == "__main__":
    unittest.main()
