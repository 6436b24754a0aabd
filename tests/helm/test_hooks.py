"""What runs before a release: roles, migrations, and what these need of a release that is not there yet."""

import base64
import re
import unittest

from chart import EXTERNAL_POSTGRESQL, MATRIX, ROOT, SERVICES, chart, containers, facts, of_kind

STORES = [service for service in SERVICES if service != "gateway"]
PROVISIONED = MATRIX["another's PostgreSQL, with an authority and roles made"]


def hook(one):
    """When it is made, in which order, and when it goes."""
    marks = one["metadata"].get("annotations", {})
    if "helm.sh/hook" not in marks:
        return None
    events, policy = (set(marks[key].split(",")) for key in ("helm.sh/hook", "helm.sh/hook-delete-policy"))
    return events, int(marks["helm.sh/hook-weight"]), policy


def jobs(*layers, upgrade=False):
    found = of_kind(chart().objects(*layers, upgrade=upgrade), "Job")
    return {one["metadata"]["name"].removeprefix("sello-"): one for one in found}


# What runs before a release, and not along with it.
BEFORE = (([], True), (PROVISIONED, False), (PROVISIONED, True))


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

    def test_a_database_that_is_there_is_migrated_before_each_release(self):
        for layers, upgrade in BEFORE:
            for job in jobs(*layers, upgrade=upgrade).values():
                self.assertEqual(hook(job)[0], {"pre-install", "pre-upgrade"})

    def test_a_database_that_comes_up_with_the_release_is_migrated_along_with_it(self):
        # Whoever waits until pods are ready (--wait, Flux) would wait for ever for what runs only after that.
        for name, layers in MATRIX.items():
            for upgrade in (False, True):
                for one in chart().objects(*layers, upgrade=upgrade):
                    self.assertNotIn("post-install", (hook(one) or [()])[0], name)
        self.assertEqual([one["metadata"]["name"] for one in chart().objects() if hook(one)], [])
        self.assertEqual(jobs().keys(), jobs(upgrade=True).keys())
        for layers, said in (([], True), (PROVISIONED, False)):
            self.assertEqual("now beside its pods" in chart().notes(*layers), said)

    def test_along_with_it_each_migration_waits_for_its_role(self):
        for service in STORES:
            spec = jobs()[f"{service}-migrate"]["spec"]["template"]["spec"]
            (waiting,) = spec["initContainers"]
            told = {one["name"]: one.get("value") or one["valueFrom"]["secretKeyRef"]["key"] for one in waiting["env"]}
            role = service.replace("-", "_")
            self.assertEqual((told["PGHOST"], told["PGUSER"]), ("sello-postgresql", f"sello_{role}"))
            self.assertEqual(told["PGPASSWORD"], f"postgres-{service}")
            # As long as the server itself is waited for.
            self.assertEqual(waiting["command"][:2], ["timeout", "240"])
            self.assertIn("until psql", waiting["command"][-1])
        for layers, upgrade in BEFORE:
            for job in jobs(*layers, upgrade=upgrade).values():
                self.assertNotIn("initContainers", job["spec"]["template"]["spec"])

    def test_argo_makes_such_a_job_anew_by_each_synchronization(self):
        # It renders every time as if nothing were there, and what a job is to do cannot be changed.
        for job in jobs().values():
            self.assertEqual(
                job["metadata"]["annotations"],
                {"argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation"},
            )

    def test_roles_are_made_before_anything_is_migrated(self):
        for layers, upgrade in BEFORE:
            weights = {name: hook(job)[1] for name, job in jobs(*layers, upgrade=upgrade).items()}
            self.assertLess(weights.pop("provision"), min(weights.values()))
        self.assertNotIn("provision", jobs(EXTERNAL_POSTGRESQL))

    def test_what_fails_leaves_its_pod_and_what_that_said(self):
        for layers, upgrade in (([], False), *BEFORE):
            for name, job in jobs(*layers, upgrade=upgrade).items():
                spec = job["spec"]
                # A container that is started anew takes its log along, and so does a pod that is ended for its time.
                self.assertEqual(spec["template"]["spec"]["restartPolicy"], "Never", name)
                self.assertNotIn("activeDeadlineSeconds", spec)
                self.assertLessEqual(spec["backoffLimit"], 3)
                if hook(job):
                    self.assertEqual(hook(job)[2], {"before-hook-creation", "hook-succeeded"})

    def test_a_server_that_is_not_there_yet_is_waited_for_less_than_helm_waits(self):
        code = (ROOT / "crates/boot/src/migration.rs").read_text()
        minutes = int(re.search(r"PATIENCE: Duration = Duration::from_secs\((\d+) \* 60\)", code)[1])
        script = (ROOT / "helm/sello/files/postgresql/provision.sh").read_text()
        seconds = int(re.search(r"PATIENCE:-(\d+)\}", script)[1])
        # Five minutes for each job, where nobody says otherwise.
        self.assertEqual((minutes * 60, minutes), (seconds, 4))


class Without(unittest.TestCase):
    """A lost database holds a release up by no job, where whoever upgrades cannot leave hooks out: a pipeline, Argo CD."""

    AT_REST = {"offline": True, "migrations": {"enabled": False}}

    def test_whoever_rests_needs_none(self):
        for name, layers in MATRIX.items():
            for upgrade in (False, True):
                objects = chart().objects(*layers, self.AT_REST, upgrade=upgrade)
                self.assertEqual(of_kind(objects, "Job"), [], name)
                self.assertEqual([one["metadata"]["name"] for one in objects if hook(one)], [], name)
                marks = {mark for one in objects for mark in one["metadata"].get("annotations") or {}}
                self.assertFalse([mark for mark in marks if mark.startswith("argocd")])

    def test_whoever_works_needs_them(self):
        for layers in ([], PROVISIONED, [{"services": {"gateway": {"offline": True}}}]):
            self.assertIn("migrations.enabled", chart().refusal(*layers, self.AT_REST, {"offline": False}) or "taken")
        self.assertIn("migrations.enabled", chart().notes(self.AT_REST))
        self.assertNotIn("migrations.enabled", chart().notes({"offline": True}))


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
        objects = chart().objects(upgrade=True)
        secrets = {one["metadata"]["name"]: one for one in of_kind(objects, "Secret")}
        kept, handed = secrets["sello-generated"], secrets["sello-migration"]
        self.assertIsNone(hook(kept))
        events, weight, policy = hook(handed)
        self.assertEqual(policy, {"before-hook-creation", "hook-succeeded"})
        wanted = {f"postgres-{service}" for service in [*STORES, "administrator", "backup"]}
        self.assertEqual(handed["data"], {key: kept["data"][key] for key in wanted})
        self.assertTrue(all(base64.b64decode(value) for value in handed["data"].values()))
        for name, job in jobs(upgrade=True).items():
            self.assertEqual(hook(job)[0], events)
            self.assertLess(weight, hook(job)[1])
            self.assertEqual(self.read_by(job), {"sello-migration"}, name)

    def read_by(self, job):
        """The Secrets that a job reads."""
        variables = [one for container in containers(job["spec"]["template"]) for one in container["env"]]
        return {one["valueFrom"]["secretKeyRef"]["name"] for one in variables if "valueFrom" in one}

    def test_along_with_a_release_its_jobs_read_what_it_keeps(self):
        for name, job in jobs().items():
            self.assertEqual(self.read_by(job), {"sello-generated"}, name)
        for layers in ([], PROVISIONED):
            self.assertNotIn("sello-migration", {one["metadata"]["name"] for one in of_kind(chart().objects(*layers), "Secret")})
        named = {"secrets": {"database": {"existingSecret": "database"}}}
        for upgrade in (False, True):
            for name, job in jobs(named, upgrade=upgrade).items():
                self.assertEqual(self.read_by(job), {"database"}, name)

    def test_whom_they_may_speak_to_is_said_before_they_run(self):
        for layers, upgrade in (*BEFORE, ([EXTERNAL_POSTGRESQL], False), ([EXTERNAL_POSTGRESQL], True)):
            objects = chart().objects(*layers, upgrade=upgrade)
            policies = {one["metadata"]["name"].removeprefix("sello-"): one for one in of_kind(objects, "NetworkPolicy")}
            early = {name: one for name, one in policies.items() if hook(one)}
            self.assertEqual("postgresql-early" in early, layers == [])
            self.assertEqual(early["migration-early"]["spec"], policies["migration"]["spec"])
            for one in early.values():
                for job in jobs(*layers, upgrade=upgrade).values():
                    self.assertEqual(hook(one)[0], hook(job)[0])
                    self.assertLess(hook(one)[1], hook(job)[1])
                self.assertEqual(hook(one)[2], {"before-hook-creation", "hook-succeeded"})


if __name__ == "__main__":
    unittest.main()
