"""Images: what deploy/Dockerfile is made of, the skeleton that its first layers compile, and the bill of what is in them."""

import json
import shutil
import tempfile
import unittest
from pathlib import Path

from chart import ROOT, SERVICES, TOOLS, run


class Images(unittest.TestCase):
    def test_the_dockerfile_has_no_fault(self):
        run(TOOLS / "bin/hadolint", "--failure-threshold", "info", ROOT / "deploy/Dockerfile")

    def test_every_service_has_its_image(self):
        text = (ROOT / "deploy/Dockerfile").read_text()
        for service in SERVICES:
            self.assertIn(f"\nFROM service AS {service}\n", text)
            self.assertIn(f'\nENTRYPOINT ["/usr/bin/{service}"]\n', text)
            self.assertIn(f"-p {service}", text)
            self.assertIn(f"/bills/{service}.cdx.json", text)

    def test_the_bill_names_what_is_linked_and_not_what_only_tests_need(self):
        with tempfile.TemporaryDirectory() as folder:
            run(ROOT / "deploy/sbom", folder)
            for service in SERVICES:
                bill = json.loads((Path(folder) / f"{service}.cdx.json").read_text())
                names = {component["name"] for component in bill["components"]}
                self.assertLessEqual({"tokio", "tonic", "boot", "kernel"}, names)
                self.assertFalse(names & {"proptest", "testkit", "fakes", "e2e"}, service)
                references = {component["bom-ref"] for component in bill["components"]}
                needed = {need for one in bill["dependencies"] for need in one["dependsOn"]}
                self.assertLessEqual(needed, references)
                self.assertEqual("svelte" in names, service == "gateway")

    def test_the_skeleton_has_every_crate_and_none_of_its_lines(self):
        with tempfile.TemporaryDirectory() as folder:
            run("sh", ROOT / "deploy/skeleton", ROOT, folder)
            for pattern in ("crates/*/Cargo.toml", "services/*/Cargo.toml"):
                for manifest in ROOT.glob(pattern):
                    crate = Path(folder) / manifest.relative_to(ROOT).parent
                    self.assertEqual((crate / "Cargo.toml").read_text(), manifest.read_text())
                    sources = [path.read_text() for path in crate.rglob("*.rs")]
                    self.assertTrue(sources and set(sources) <= {"", "fn main() {}\n"})

    def test_what_an_image_is_made_from_is_a_workspace_before_and_after_the_skeleton(self):
        with tempfile.TemporaryDirectory() as folder:
            context, skeleton = Path(folder, "context"), Path(folder, "skeleton")
            rules = [line.strip() for line in (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()]
            for wanted in (rule[1:] for rule in rules if rule.startswith("!")):
                for found in ROOT.glob(wanted):
                    to = context / found.relative_to(ROOT)
                    to.parent.mkdir(parents=True, exist_ok=True)
                    if found.is_dir():
                        shutil.copytree(found, to, ignore=shutil.ignore_patterns("node_modules", "dist", "target"))
                    else:
                        shutil.copy(found, to)
            skeleton.mkdir()
            run("sh", context / "deploy/skeleton", context, skeleton)
            for made in (context, skeleton):
                shutil.copy(ROOT / "Cargo.lock", made)
                run("cargo", "metadata", "--offline", "--no-deps", "--format-version=1", "--manifest-path", made / "Cargo.toml")


if __name__ == "__main__":
    unittest.main()
