"""What runs before a release: roles, migrations, and what these need of a release that is not there yet."""

import base64
import re
import unittest

from chart import EXTERNAL_POSTGRESQL, MATRIX, ROOT, SERVICES, chart, facts, of_kind

STORES = [service for service in SERVICES if service != "gateway"]
PROVISIONED = MATRIX["another's PostgreSQL, with an authority and roles made"]


def hook(one):
    """When it is made, in which order, and when it goes."""
    marks = one["metadata"].get("annotations", {})
    if "helm.sh/hook" not in marks:
        return None
    events, policy = (set(marks[key].split(",")) for key in ("helm.sh/hook", "helm.sh/hook-delete-policy"))
    return events, int(marks["helm.sh/hook-weight"]), policy


def jobs(*layers):
    return {one["metadata"]["name"].removeprefix("sello-"): one for one in of_kind(chart().objects(*layers), "Job")}


class Migrations(unittest.TestCase):
    def test_every_schema_is_migrated_by_its_own_service_on_the_servers_own_address(self):
        found = jobs(EXTERNAL_POSTGRESQL)
        self.assertEqual(len(found), 6)
        for service in STORES:
            (container,) = found[f"{service}-migrate"]["spec"]["template"]["spec"]["containers"]
            self.assertEqual(container["args"], ["migrate"])
            self.assertIn(f"/sello-{service}:", container["image"])
            urls = [one["value"] for one in container["env"] if one["name"].endswith("__DATABASE__URL")]
            role = service.replace("-", "_")
            self.assertEqual(urls, [f"postgres://sello_{role}@db.example:5432/sello?sslmode=verify-full"])

    def test_a_database_of_the_release_is_migrated_once_it_is_there_and_anothers_before(self):
        for layers, events in (([], {"post-install", "pre-upgrade"}), (PROVISIONED, {"pre-install", "pre-upgrade"})):
            for job in jobs(*layers).values():
                self.assertEqual(hook(job)[0], events)

    def test_roles_are_made_before_anything_is_migrated(self):
        for layers in ([], PROVISIONED):
            weights = {name: hook(job)[1] for name, job in jobs(*layers).items()}
            self.assertLess(weights.pop("provision"), min(weights.values()))
        self.assertNotIn("provision", jobs(EXTERNAL_POSTGRESQL))

    def test_what_fails_leaves_its_pod_and_what_that_said(self):
        for layers in ([], PROVISIONED):
            for name, job in jobs(*layers).items():
                spec = job["spec"]
                # A container that is started anew takes its log along, and so does a pod that is ended for its time.
                self.assertEqual(spec["template"]["spec"]["restartPolicy"], "Never", name)
                self.assertNotIn("activeDeadlineSeconds", spec)
                self.assertLessEqual(spec["backoffLimit"], 3)
                self.assertEqual(hook(job)[2], {"before-hook-creation", "hook-succeeded"})

    def test_a_server_that_is_not_there_yet_is_waited_for_less_than_helm_waits(self):
        code = (ROOT / "crates/boot/src/migration.rs").read_text()
        minutes = int(re.search(r"PATIENCE: Duration = Duration::from_secs\((\d+) \* 60\)", code)[1])
        script = (ROOT / "helm/sello/files/postgresql/provision.sh").read_text()
        seconds = int(re.search(r"PATIENCE:-(\d+)\}", script)[1])
        # Five minutes for each job, where nobody says otherwise.
        self.assertEqual((minutes * 60, minutes), (seconds, 4))


class BeforeTheRelease(unittest.TestCase):
    """Jobs before an upgrade run beside what the release before left; what they need of this one goes before them."""

    def test_roles_of_the_releases_own_server_are_made_by_its_administrator(self):
        (container,) = jobs()["provision"]["spec"]["template"]["spec"]["containers"]
        told = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"]["key"] for one in container["env"]}
        self.assertEqual((told["PGHOST"], told["PGUSER"]), ("sello-postgresql", "postgres"))
        self.assertEqual(told["PGPASSWORD"], "postgres-administrator")
        asked = {f"POSTGRES_PASSWORD_{fact['prefix']}" for fact in facts().values() if not fact.get("storeless")}
        self.assertEqual({name for name in told if name.startswith("POSTGRES_")}, asked | {"POSTGRES_PASSWORD_BACKUP"})

    def test_a_password_that_this_release_makes_up_is_there_for_its_jobs(self):
        objects = chart().objects()
        secrets = {one["metadata"]["name"]: one for one in of_kind(objects, "Secret")}
        kept, handed = secrets["sello-generated"], secrets["sello-migration"]
        self.assertIsNone(hook(kept))
        events, weight, policy = hook(handed)
        self.assertEqual(policy, {"before-hook-creation", "hook-succeeded"})
        wanted = {f"postgres-{service}" for service in [*STORES, "administrator", "backup"]}
        self.assertEqual(handed["data"], {key: kept["data"][key] for key in wanted})
        self.assertTrue(all(base64.b64decode(value) for value in handed["data"].values()))
        for name, job in jobs().items():
            self.assertEqual(hook(job)[0], events)
            self.assertLess(weight, hook(job)[1])
            (container,) = job["spec"]["template"]["spec"]["containers"]
            named = {one["valueFrom"]["secretKeyRef"]["name"] for one in container["env"] if "valueFrom" in one}
            self.assertEqual(named, {"sello-migration"}, name)
        self.assertNotIn("sello-migration", {one["metadata"]["name"] for one in of_kind(chart().objects(*PROVISIONED), "Secret")})

    def test_whom_they_may_speak_to_is_said_before_they_run(self):
        for layers in ([], [EXTERNAL_POSTGRESQL], PROVISIONED):
            policies = {one["metadata"]["name"].removeprefix("sello-"): one for one in of_kind(chart().objects(*layers), "NetworkPolicy")}
            early = {name: one for name, one in policies.items() if hook(one)}
            self.assertEqual("postgresql-early" in early, layers == [])
            self.assertEqual(early["migration-early"]["spec"], policies["migration"]["spec"])
            for one in early.values():
                for job in jobs(*layers).values():
                    self.assertEqual(hook(one)[0], hook(job)[0])
                    self.assertLess(hook(one)[1], hook(job)[1])
                self.assertEqual(hook(one)[2], {"before-hook-creation", "hook-succeeded"})


if __name__ == "__main__":
    unittest.main()
