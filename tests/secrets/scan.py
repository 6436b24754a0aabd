"""No secret is in the repository: what looks like one is a fault, unless allowed.yaml says why it is none.

    python scan.py [folder]
"""

import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import yaml
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Checksums and what other programs wrote: a secret of ours would have to come from a file that is looked at.
MADE = re.compile(r"(^|/)(package-lock\.json|Cargo\.lock)$|^\.sqlx/|\.(png|ico|woff2|wasm|mp3)$")
# Loopback and documentation addresses are all over the tests, and no address is a secret.
NOT_ASKED = {"IPPublicDetector"}


def detectors():
    plugins = [kind.__name__ for kind in get_mapping_from_secret_type_to_class().values()]
    return {"plugins_used": [{"name": name} for name in sorted(plugins) if name not in NOT_ASKED]}


def files(folder):
    """What is committed, or would be by `git add`."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=folder, check=True, capture_output=True)
    names = set(listed.stdout.decode().split("\0")) - {""}
    return sorted(name for name in names if not MADE.search(name) and (folder / name).is_file())


def look(paths):
    with transient_settings(detectors()):
        return [(path, found.line_number, found.type, found.secret_value) for path in paths for found in scan_file(path)]


def findings(folder):
    """Each thing that looks like a secret: file, line, what it looks like, and itself."""
    paths = [str(folder / name) for name in files(folder)]
    share = min(len(paths), 64) or 1
    with ProcessPoolExecutor() as pool:
        for found in pool.map(look, [paths[start::share] for start in range(share)]):
            yield from ((str(Path(path).relative_to(folder)), *rest) for path, *rest in found)


def allowed():
    rules = yaml.safe_load((HERE / "allowed.yaml").read_text(encoding="utf-8"))
    return {text for rule in rules if rule["why"] for text in rule["texts"]}


def main(folder):
    known, seen, faults = allowed(), set(), []
    for name, line, kind, secret in findings(folder):
        seen.add(secret)
        if secret not in known:
            # Not the thing itself: a log is read by more people than a repository.
            faults.append(f"{name}:{line}: {kind} of {len(secret)} characters")
    faults.sort()
    if folder == ROOT:
        faults += [f"allowed.yaml: nothing is `{text}` any more" for text in sorted(known - seen)]
    return faults


if __name__ == "__main__":
    told = main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT)
    sys.exit("\n".join(["It looks like a secret. Take it out and change it, or say in tests/secrets/allowed.yaml why it is none:", *told]) if told else None)
