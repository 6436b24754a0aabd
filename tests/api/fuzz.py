"""The whole OpenAPI document under a property-based fuzzer: as nobody, as a stamper, as an owner.

    python fuzz.py [seconds]

Without seconds a short run, the same every time. With them, so long as each of the three, from a seed that it tells.
No answer is a fault of ours, outside its schema, of another type or status than documented, or about another business.
"""

import json
import os
import random
import subprocess
import sys
import sysconfig
from pathlib import Path

from scene import open_shop
from sello import Sello

HERE = Path(__file__).resolve().parent
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
    "refusals_are_problems",
    "a_neighbour_is_not_seen",
]
# Who, what a short run does as her, and how many requests of each kind it makes up.
PEOPLE = {"nobody": ("fuzzing", 2), "stamper": ("fuzzing", 3), "owner": ("coverage,fuzzing", 4)}


def run(sello, role, phases, examples, seed, seconds):
    url = sello.url
    scene = {"url": url, "role": role, "own": open_shop(url), "neighbour": open_shop(url)}
    command = [Path(sysconfig.get_path("scripts")) / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run", f"{url}/api/openapi.json"]
    command += ["--seed", str(seed), "--checks", ",".join(CHECKS)]
    command += ["--max-time", str(seconds)] if seconds else ["--max-examples", str(examples), "--phases", phases, "--no-shrink"]
    environment = {**os.environ, "SCENE": json.dumps(scene), "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE)}
    told = subprocess.run(command, env=environment, cwd=sello.home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    summary = [line.strip() for line in told.stdout.splitlines() if " generated, " in line]
    print(f"{role}: {''.join(summary) or 'nothing was asked'}" if told.returncode == 0 else told.stdout, flush=True)
    return told.returncode == 0 and bool(summary)


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    seed = random.SystemRandom().randrange(1 << 32) if seconds else 1
    print(f"seed {seed}", flush=True)
    with Sello() as sello:
        good = [run(sello, role, *how, seed, seconds) for role, how in PEOPLE.items()]
        panics = [line for line in sello.log.read_text(errors="replace").splitlines() if "panicked" in line]
    print(*panics, sep="\n", end="")
    sys.exit(0 if all(good) and not panics else 1)


main()
