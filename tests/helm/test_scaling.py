"""How many pods there are, and who says so: autoscalers, KEDA's own rules, and a platform at rest."""

import unittest

from chart import GROWING, MATRIX, SERVICES, YEARS, chart, of_kind, pods

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
        self.assertIn("--set services.campaign.offline=false --set services.messaging.offline=false", notes)
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
