"""The runbook's commands: they ask where the release is, they show all that there is, and they touch no other platform."""

import re
import unittest

from chart import CHART, ROOT, read, source

TEXT = (ROOT / "deploy/runbook.md").read_text()
DRILL = CHART / "values-drill.yaml"


def commands(text):
    """Everything that is to be typed: between marks, and what stands by itself. Of a line with a comment, the command."""
    typed = [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", text)]
    alone = [re.split(r" {3,}", line.strip())[0] for line in re.findall(r"^ {4,}\S.*$", text, re.M)]
    return [one for one in typed + alone if re.match(r"(kubectl|helm) ", one)]


def section(title):
    return TEXT.partition(f"{title}\n")[2]


def alert(name):
    return " ".join(re.split(r"^#", section(f"\n### {name}"), flags=re.M)[0].split())


class Commands(unittest.TestCase):
    # Of the cluster, or of everybody in it; and words that only name an order.
    CLUSTER = re.compile(r"^kubectl (get storageclass|(create|delete) namespace|scale$|top pods --all-namespaces)|^helm (upgrade|rollback)( -f …)?$")

    def test_every_one_names_the_namespace(self):
        found = commands(TEXT)
        self.assertGreater(len(found), 50)
        for one in found:
            if not self.CLUSTER.match(one):
                self.assertRegex(one, r"^(kubectl|helm) -n (prod|drill) ")

    def test_a_log_by_a_label_is_shown_whole(self):
        # kubectl shows ten lines of each pod otherwise.
        by_label = [one for one in commands(TEXT) if " logs " in one and re.search(r" (-l|--selector)[ =]", one)]
        self.assertGreater(len(by_label), 1)
        for one in by_label:
            self.assertIn("--tail=-1", one)
            self.assertIn("--prefix", one)

    def test_a_job_is_made_once_and_its_log_asked_for_as_often_as_it_takes(self):
        for one in commands(TEXT):
            self.assertNotRegex(one, r"create job .*&&")

    def test_a_claim_is_made_larger_where_it_is_said_how_large_it_is(self):
        told = alert("VolumeFilling")
        for name, claim, value in (("BackupLate", "sello-backup", "backup.size"), ("VolumeFilling", "sello-objects", "objects.volume.size")):
            self.assertIn(f"`{claim}`", alert(name))
            self.assertIn(f"`{value}`", alert(name))
        before, _, by_hand = told.partition("kubectl -n prod edit pvc")
        self.assertTrue(by_hand)
        for claim in ("data-sello-postgresql-0", "data-sello-nats-0"):
            self.assertIn(claim, before)
        for name in ("postgresql", "nats"):
            size = re.search(rf"^{name}:\n.*?^    size:", (CHART / "values.yaml").read_text(), re.M | re.S)[0]
            self.assertIn("cannot be changed here afterwards", size)

    def test_a_job_that_waits_for_a_secret_is_found_though_nothing_failed(self):
        told = alert("MigrationFailed")
        self.assertIn("timed out waiting for the condition", told)
        self.assertIn("kubectl -n prod describe pod", told)

    def test_customers_who_share_a_nodes_address_are_told_from_those_who_share_a_carriers(self):
        told = alert("JoiningFails")
        self.assertIn("externalTrafficPolicy: Local", told)
        (word,) = re.findall(r"logs say `([^`]+)`", told)
        self.assertIn(f'"{word}', (source("gateway") / "edge.rs").read_text())


class Restore(unittest.TestCase):
    def test_the_stream_goes_by_a_user_who_may_do_it(self):
        (step,) = re.findall(r"^4\. \*\*The stream.*?(?=^5\. )", section("\n## Restore"), re.M | re.S)
        self.assertRegex(" ".join(step.split()), r"nats --server … --user administrator --password … stream rm SELLO")
        self.assertIn("user: administrator", (CHART / "files/nats/nats.conf").read_text())

    def test_a_drill_names_every_switch_that_would_touch_production(self):
        told = section("\n## Restore").partition("**Try it before you need it**")[2]
        for switch in ("whatsapp", "appleWallet", "googleWallet", "webPush", "objects.url", "backup.after", "values-drill.yaml"):
            self.assertIn(switch, told)
        self.assertTrue({"whatsapp", "appleWallet", "googleWallet", "webPush", "objects", "backup"} <= read(DRILL).keys())
        typed = commands(told)
        self.assertGreater(len(typed), 4)
        for one in typed:
            self.assertNotIn("-n prod", one)

    def test_argo_puts_to_rest_without_the_jobs_that_wait_for_a_lost_database(self):
        told = section("\n## With Argo CD").partition("\n## ")[0]
        for word in ("offline: true", "migrations: { enabled: false }", "prune"):
            self.assertIn(word, told)


if __name__ == "__main__":
    unittest.main()
