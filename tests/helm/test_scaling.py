"""How many pods there are, and who says so: autoscalers, KEDA's own rules, and a platform at rest."""

import json
import tempfile
import unittest

from chart import GROWING, MATRIX, SERVICES, TOOLS, YEARS, chart, facts, of_kind, pods, run

RESTING = {"offline": True}
QUEUES = {"keda": {"enabled": True, "prometheusUrl": "http://prometheus:9090"}}
BY_RESOURCES = {"cpu", "memory"}


def named(objects, kind):
    return {one["metadata"]["name"]: one for one in of_kind(objects, kind)}


def replicas(objects):
    """What each Deployment says of the number of its pods; None where it leaves that to another."""
    return {name: one["spec"].get("replicas") for name, one in named(objects, "Deployment").items()}


class Keda(unittest.TestCase):
    def scaled(self, *layers):
        return named(chart().objects(*layers), "ScaledObject")

    def test_what_its_webhook_refuses_of_a_fallback_is_not_said(self):
        # KEDA 2.17 (apis/keda/v1alpha1, CheckFallbackValid): a fallback needs a trigger that measures neither cpu nor memory, and whose
        # type of metric is AverageValue; 2.17.0 does not take that for granted where nothing is said.
        for layers in ([GROWING, QUEUES], YEARS[:2], YEARS):
            for name, one in self.scaled(*layers).items():
                others = [trigger for trigger in one["spec"]["triggers"] if trigger["type"] not in BY_RESOURCES]
                self.assertEqual("fallback" in one["spec"], bool(others), name)
                self.assertEqual({trigger.get("metricType") for trigger in others} - {"AverageValue"}, set(), name)
        self.assertNotIn("fallback", self.scaled(GROWING, QUEUES)["sello-gateway"]["spec"])

    def test_it_takes_over_the_autoscaler_that_a_year_before_had(self):
        before = named(chart().objects(*YEARS[:1]), "HorizontalPodAutoscaler")
        after = self.scaled(*YEARS[:2])
        self.assertEqual(before.keys(), after.keys())
        for name, one in after.items():
            self.assertEqual(one["metadata"]["annotations"]["scaledobject.keda.sh/transfer-hpa-ownership"], "true")
            self.assertEqual(one["spec"]["advanced"]["horizontalPodAutoscalerConfig"]["name"], before[name]["metadata"]["name"])


    def test_it_asks_the_broker_where_its_own_chart_lets_one_ask(self):
        # nats-io/k8s: of its two Services the headless one alone has the port of the monitoring.
        asked = {
            trigger["metadata"]["natsServerMonitoringEndpoint"]
            for one in self.scaled(*YEARS[:2]).values()
            for trigger in one["spec"]["triggers"]
            if trigger["type"] == "nats-jetstream"
        }
        self.assertEqual(asked, {"nats-headless.nats.svc:8222"})

    def test_who_has_a_queue_that_more_pods_would_take_sooner_grows_with_it(self):
        asking = {
            name.removeprefix("sello-")
            for name, one in self.scaled(GROWING, QUEUES).items()
            if "prometheus" in {trigger["type"] for trigger in one["spec"]["triggers"]}
        }
        # What campaign sent waits for others.
        self.assertEqual(asking, {"messaging", "wallet-pass"})


@unittest.skipUnless((TOOLS / "bin/promtool").is_file(), "promtool could not be fetched")
class Queues(unittest.TestCase):
    """What the queries of queues answer to what the services tell, by Prometheus' own words."""

    def answers(self, service, told, wanted):
        """`told` by two pods alike, since every one counts the same rows."""
        (query,) = facts()[service]["queues"]
        series = []
        for name, value in told.items():
            for pod in ("a", "b"):
                labels = f'{name[:-1]},pod="{pod}"}}' if name.endswith("}") else f'{name}{{pod="{pod}"}}'
                series.append({"series": labels, "values": f"{value}x8"})
        samples = [] if wanted is None else [{"labels": "{}", "value": wanted}]
        asked = {"expr": query, "eval_time": "1m", "exp_samples": samples}
        test = {"interval": "15s", "input_series": series, "promql_expr_test": [asked]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"evaluation_interval": "15s", "tests": [test]}, file)
            file.flush()
            run(TOOLS / "bin/promtool", "test", "rules", file.name)

    def messages(self, marketing, utility, late):
        waiting, oldest = "messages_waiting", "messages_oldest_waiting_seconds"
        return {
            f'{waiting}{{category="marketing"}}': marketing,
            f'{waiting}{{category="utility"}}': utility,
            f'{oldest}{{category="marketing"}}': 3_600,
            f'{oldest}{{category="utility"}}': late,
        }

    def test_a_campaign_that_waits_for_its_pace_or_the_morning_adds_no_pod(self):
        self.answers("messaging", self.messages(marketing=100_000, utility=0, late=0), None)
        self.answers("messaging", self.messages(marketing=100_000, utility=40, late=20), 40)

    def test_messages_that_somebody_waits_for_count_once_the_first_is_late(self):
        self.answers("messaging", self.messages(marketing=0, utility=9_000, late=10), None)
        self.answers("messaging", self.messages(marketing=0, utility=9_000, late=20), 9_000)

    def test_phones_count_once_the_first_is_late_and_its_wallet_takes_it(self):
        for late, stopped, wanted in ((0, 0, None), (20, 0, 50_000), (20, 1, None)):
            told = {
                'pushes_waiting{wallet="apple"}': 50_000,
                'pushes_oldest_waiting_seconds{wallet="apple"}': late,
                'wallet_stopped{wallet="apple"}': stopped,
                'wallet_stopped{wallet="google"}': 0,
            }
            self.answers("wallet-pass", told, wanted)

    def test_a_wallet_that_refuses_us_keeps_no_pod_from_those_that_wait_for_another(self):
        told = {
            'pushes_waiting{wallet="apple"}': 50_000,
            'pushes_oldest_waiting_seconds{wallet="apple"}': 3_600,
            'wallet_stopped{wallet="apple"}': 0,
            'pushes_waiting{wallet="google"}': 9_000,
            'pushes_oldest_waiting_seconds{wallet="google"}': 600_000,
            'wallet_stopped{wallet="google"}': 1,
            'pushes_waiting{wallet="words"}': 70,
            'pushes_oldest_waiting_seconds{wallet="words"}': 20,
        }
        self.answers("wallet-pass", told, 50_070)


class Resting(unittest.TestCase):
    SHAPES = ([], [GROWING], [GROWING, QUEUES], *(YEARS[:count] for count in (1, 2, 3)))

    def test_no_service_has_a_pod_and_nobody_adds_one(self):
        for layers in self.SHAPES:
            objects = chart().objects(*layers, RESTING)
            self.assertEqual({replicas(objects)[f"sello-{service}"] for service in SERVICES}, {0})
            self.assertEqual(of_kind(objects, "HorizontalPodAutoscaler") + of_kind(objects, "ScaledObject"), [])
            self.assertFalse({f"sello-{service}" for service in SERVICES} & named(objects, "PodDisruptionBudget").keys())

    def test_what_a_restoration_needs_stands(self):
        everything = [{"operator": {"enabled": True}, "backup": {"enabled": True}}, RESTING]
        names = {name for name, _ in pods(chart().objects(*everything))}
        needed = {"pgbouncer", "postgresql", "nats", "operator", "restore", "provision"}
        needed |= {f"{service}-migrate" for service in SERVICES if service != "gateway"}
        self.assertLessEqual({f"sello-{name}" for name in needed}, names)
        numbers = replicas(chart().objects(*everything))
        self.assertEqual((numbers["sello-pgbouncer"], numbers["sello-operator"]), (1, 1))

    def test_nothing_is_copied_or_compared_by_itself_meanwhile(self):
        watched = {"operator": {"enabled": True}, "backup": {"enabled": True}}
        for resting in (False, True):
            jobs = named(chart().objects(watched, {"offline": resting}), "CronJob")
            suspended = {name for name, one in jobs.items() if one["spec"].get("suspend")}
            self.assertEqual(suspended, {"sello-restore"} | ({"sello-backup", "sello-verify"} if resting else set()))

    def test_nothing_is_compared_by_itself_while_somebody_rests_who_would_be_asked(self):
        for name in SERVICES:
            layers = {"operator": {"enabled": True}, "services": {name: {"offline": True}}}
            job = named(chart().objects(layers), "CronJob")["sello-verify"]
            # The gateway is asked nothing.
            self.assertEqual(job["spec"]["suspend"], name != "gateway", name)
            self.assertEqual("/usr/bin/sello verify" in chart().notes(layers), name == "gateway", name)

    def test_whoever_comes_back_has_pods_again(self):
        for layers in self.SHAPES:
            objects = chart().objects(*layers, {"offline": False})
            scaled = named(objects, "HorizontalPodAutoscaler") | named(objects, "ScaledObject")
            for name, number in replicas(objects).items():
                if name.removeprefix("sello-") in SERVICES:
                    # A number that is no longer said becomes 1, and an autoscaler leaves nobody below the fewest that it knows.
                    self.assertTrue(number or (number is None and name in scaled), name)

    def test_one_service_rests_alone(self):
        for layers in self.SHAPES:
            objects = chart().objects(*layers, {"services": {"gateway": {"offline": True}}})
            numbers = replicas(objects)
            self.assertEqual([name for name, number in numbers.items() if number == 0], ["sello-gateway"])
            scaled = named(objects, "HorizontalPodAutoscaler") | named(objects, "ScaledObject")
            self.assertNotIn("sello-gateway", scaled)
            self.assertEqual(bool(scaled), layers != [])

    def test_the_notes_say_that_nobody_works(self):
        for resting in (False, True):
            notes = chart().notes(*MATRIX["year 1"], {"offline": resting})
            self.assertEqual("offline=false" in notes, resting)
            for said in ("Watch it come up", "Open it", "Sign up", "/usr/bin/sello verify"):
                self.assertEqual(said in notes, not resting, said)
            if resting:
                self.assertIn(f"({', '.join(SERVICES)})", notes)

    def test_the_notes_name_who_rests_alone(self):
        notes = chart().notes({"services": {name: {"offline": True} for name in ("campaign", "messaging")}})
        self.assertIn("At rest, and without a pod: campaign, messaging.", notes)
        self.assertIn("by services.campaign.offline=false, services.messaging.offline=false, in the values file", notes)
        for said in ("Watch it come up", "Open it"):
            self.assertIn(said, notes)
        # Who is at rest cannot be asked how her cards stand.
        for resting in (False, True):
            told = chart().notes(*MATRIX["year 1"], {"services": {"campaign": {"offline": resting}}})
            self.assertEqual("/usr/bin/sello verify" in told, not resting)
        # Nobody opens what has no gateway.
        notes = chart().notes({"services": {"gateway": {"offline": True}}})
        self.assertIn("Watch it come up", notes)
        self.assertNotIn("Open it", notes)
        self.assertNotIn("At rest", chart().notes())


if __name__ == "__main__":
    unittest.main()
