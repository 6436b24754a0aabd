"""The chart as it renders, and the sources as they stand: what the tests here compare."""

import copy
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import helm_python as helm
import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "helm/sello"
SERVICES = ["analytics", "campaign", "enrollment", "gateway", "messaging", "stamping", "wallet-pass"]
# What Kubernetes is asked about; the oldest that the chart allows and a newer one.
VERSIONS = ["1.30", "1.34"]
# What operators add to Kubernetes, whose schemas Kubernetes does not have: test_foreign.py.
FOREIGN = {"ServiceMonitor", "PrometheusRule", "ScaledObject", "Gateway", "HTTPRoute"}


class Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """YAML in which no key stands twice: the second would win in silence."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise ValueError(f"{sorted(twice)} stand twice in one mapping{node.start_mark}")
        return super().construct_mapping(node, deep)


def read(path):
    return yaml.load(Path(path).read_text(), Loader)


def merged(*layers):
    """Values as Helm lays them over each other."""
    below = {}
    for layer in layers:
        for key, value in copy.deepcopy(layer).items():
            both = isinstance(value, dict) and isinstance(below.get(key), dict)
            below[key] = merged(below[key], value) if both else value
    return below


# What nothing goes without: where our images are.
NAMED = {"image": {"registry": "registry.example"}}


class Chart:
    """One loaded chart; renders to lists of objects."""

    def __init__(self):
        self.chart = helm.Chart.load(str(CHART)).__enter__()
        self.rendered = {}

    def text(self, *layers, upgrade=False):
        values = merged(NAMED, *layers)
        return self.chart.render(values, name="sello", namespace="prod", is_install=not upgrade, is_upgrade=upgrade)

    def notes(self, *layers):
        """What whoever installs these values is told."""
        (told,) = [text for path, text in self.text(*layers).items() if path.endswith("NOTES.txt")]
        return told

    def objects(self, *layers, upgrade=False):
        key = repr((merged(*layers), upgrade))
        if key not in self.rendered:
            found = []
            for path, text in sorted(self.text(*layers, upgrade=upgrade).items()):
                if not path.endswith(".txt"):
                    found += [one for one in yaml.load_all(text, Loader) if one]
            self.rendered[key] = found
        return self.rendered[key]

    def refusal(self, *layers):
        """Why these values are not taken; nothing if they are."""
        try:
            self.text(*layers)
        except Exception as error:
            return str(error)
        return None


@cache
def chart():
    return Chart()


BACKED_UP_ELSEWHERE = {
    "backup": {
        "enabled": True,
        "after": 'rclone copy . bucket:sello --include "$NAME.*"',
        "image": "registry.example/copies:1",
        "existingSecret": "bucket",
        "copy": "sello-20261127T083000Z",
    }
}
YEARS = [read(CHART / f"values-year{year}.yaml") for year in (1, 3, 5)]
HTTPS = {"publicUrl": "https://sello.example"}
EXTERNAL_POSTGRESQL = {
    "postgresql": {"bundled": {"enabled": False}, "external": {"host": "db.example", "networks": ["10.2.0.0/16"]}},
    "secrets": {"database": {"existingSecret": "database"}},
}
REPLICA = {
    "postgresql": {"external": {"caSecret": "ca", "replica": {"host": "replica.example", "port": 5433, "networks": ["10.3.0.0/16"]}}},
}
EXTERNAL_NATS = {
    "nats": {"bundled": {"enabled": False}, "external": {"url": "nats://nats.example:4222", "monitoring": "nats.example:8222"}},
    "secrets": {"nats": {"existingSecret": "nats"}},
}
WATCHED = {"monitoring": {name: {"enabled": True} for name in ("serviceMonitor", "rules", "dashboards")}}
GROWING = {
    "serviceDefaults": {"replicas": 2, "autoscaling": {"enabled": True}},
    "objects": {"url": "s3://bucket/sello?region=us-east-1", "existingSecret": "bucket"},
}
OUTSIDE = {
    **HTTPS,
    "whatsapp": {"enabled": True, "existingSecret": "twilio", "apiKey": True},
    "appleWallet": {
        "enabled": True,
        "existingSecret": "apple",
        "passType": "pass.example.sello",
        "team": "ABCDE12345",
        "intermediate": True,
    },
    "googleWallet": {"enabled": True, "existingSecret": "google", "issuerId": "3388000000000000000"},
    "webPush": {"enabled": True, "existingSecret": "web-push", "subject": "mailto:help@sello.example"},
}
# What is tried: each shape by itself, and the years as they are laid over each other.
MATRIX = {
    "a trial": [],
    "another's PostgreSQL": [EXTERNAL_POSTGRESQL],
    "another's PostgreSQL, with an authority and roles made": [
        EXTERNAL_POSTGRESQL,
        {
            "postgresql": {
                "external": {"caSecret": "ca"},
                "provision": {"enabled": True, "existingSecret": "administrator"},
            }
        },
    ],
    "another's PostgreSQL, with an authority that everybody trusts": [
        EXTERNAL_POSTGRESQL,
        {"postgresql": {"provision": {"enabled": True, "existingSecret": "administrator"}}, "backup": {"enabled": True}},
    ],
    "another's NATS": [EXTERNAL_NATS],
    "no pooler": [{"pgbouncer": {"enabled": False}}],
    "growing by itself": [GROWING],
    "growing with what waits": [GROWING, {"keda": {"enabled": True, "prometheusUrl": "http://prometheus:9090"}}],
    "parties outside": [OUTSIDE],
    "watched, with traces": [WATCHED, {"telemetry": {"otlpEndpoint": "http://collector:4318/v1/traces"}}],
    "three years kept": [{"privacy": {"retentionMonths": 36, "oldMonths": "keep"}}],
    "an Ingress": [
        HTTPS,
        {
            "ingress": {"enabled": True, "host": "sello.example", "tlsSecret": "tls", "className": "nginx"},
            "trustedProxies": ["10.0.0.0/8"],
        },
    ],
    "a Gateway of its own": [
        {
            "gatewayApi": {"enabled": True, "host": "sello.example", "className": "envoy", "tlsSecret": "tls"},
            "trustedProxies": ["10.0.0.0/8"],
        }
    ],
    "another's Gateway": [
        HTTPS,
        {
            "gatewayApi": {"enabled": True, "host": "sello.example", "parentRefs": [{"name": "shared", "namespace": "edge"}]},
            "trustedProxies": ["10.0.0.0/8"],
        }
    ],
    "the client's own connection": [{"gatewayService": {"type": "LoadBalancer"}}],
    "another's PostgreSQL, with a replica": [EXTERNAL_POSTGRESQL, REPLICA],
    "with a replica and no pooler": [EXTERNAL_POSTGRESQL, REPLICA, {"pgbouncer": {"enabled": False}}],
    "with the operator's pod": [{"operator": {"enabled": True}}],
    "backed up": [{"backup": {"enabled": True}}],
    "backed up elsewhere": [BACKED_UP_ELSEWHERE],
    "everywhere apart": [
        {
            "spread": {"zones": "DoNotSchedule", "nodes": "DoNotSchedule"},
            "nodeSelector": {"pool": "sello"},
            "tolerations": [{"key": "sello", "operator": "Exists"}],
            "priorityClassName": "high",
            "image": {"registry": "registry.example", "pullSecrets": ["registry"]},
            "fullnameOverride": "stamps",
            "operator": {"enabled": True},
            "backup": {"enabled": True},
        }
    ],
    "at rest": [GROWING, {"offline": True, "operator": {"enabled": True}, "backup": {"enabled": True}}],
    "images on the nodes": [{"image": {"registry": "", "pullPolicy": "Never"}}],
    "no policy": [{"networkPolicy": {"enabled": False}}],
    "year 1": YEARS[:1],
    "year 3": YEARS[:2],
    "year 5": YEARS[:3],
    "a drill": [*YEARS[:1], read(CHART / "values-drill.yaml")],
}


def pods(objects):
    """Every pod that the objects make: the name of what makes it, and its template."""
    for one in objects:
        spec = one.get("spec", {})
        if one["kind"] == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if "template" in spec:
            yield one["metadata"]["name"], spec["template"]


def containers(template):
    """Every container of a pod, also those that come before the others."""
    return template["spec"].get("initContainers", []) + template["spec"]["containers"]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


def keys(value, path=""):
    """Every key in a tree, with the path of the mapping that it stands in."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield path, key
            yield from keys(inner, f"{path}/{key}")
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from keys(inner, f"{path}/{at}")


def misspelt(tree, path, key):
    """The tree with one key written otherwise."""
    other = copy.deepcopy(tree)
    inside = other
    for part in path.split("/")[1:]:
        inside = inside[int(part) if isinstance(inside, list) else part]
    inside[f"{key}x"] = inside.pop(key)
    return other


def facts():
    """What the chart says is true of the code."""
    text = (CHART / "templates/_facts.tpl").read_text()
    return yaml.load(re.search(r'define "sello.facts" -\}\}(.*?)\{\{- end', text, re.S)[1], Loader)


# --- what the sources say -----------------------------------------------------------------------------------------------------


def source(service):
    return ROOT / "services" / service / "src"


def defaults(service):
    """The settings that a service ships."""
    path = ROOT / "services" / service / "config.default.toml"
    if path.is_file():
        return path.read_text()
    return re.search(r'const DEFAULTS: &str = r#"(.*?)"#', (source(service) / "config.rs").read_text(), re.S)[1]


@cache
def structs(path):
    """Public structs of a file: their fields, with the types. What is skipped is no setting."""
    found = {}
    for name, body in re.findall(r"pub struct (\w+) \{(.*?)\n\}", path.read_text(), re.S):
        fields = re.findall(r"((?:\s*(?:///[^\n]*|#\[[^\n]*\]))*)\s*pub (\w+): ([^\n]+?),(?=\n|$)", body)
        found[name] = {field: kind for marks, field, kind in fields if "serde(skip)" not in marks}
    return found


def settings(service):
    """Every variable that a service reads."""
    known = structs(source(service) / "config.rs")
    shared = {
        "boot::database::Settings": structs(ROOT / "crates/boot/src/database.rs")["Settings"],
        "boot::partition::Retention": structs(ROOT / "crates/boot/src/partition.rs")["Retention"],
        "boot::telemetry::Settings": structs(ROOT / "crates/boot/src/telemetry.rs")["Settings"],
        "outbox::Settings": structs(ROOT / "crates/outbox/src/stream.rs")["Settings"],
    }

    def names(fields):
        for field, kind in fields.items():
            kind = re.sub(r"^Option<(.*)>$", r"\1", kind)
            inner = shared.get(kind) or known.get(kind)
            if inner:
                yield from (f"{field.upper()}__{name}" for name in names(inner))
            else:
                yield field.upper()

    prefix = service.upper().replace("-", "_")
    return {f"{prefix}__{name}" for name in names(known["Config"])}


def asked_by(service):
    """The services whose addresses a service's settings hold."""
    fields = structs(source(service) / "config.rs")["Config"]
    return sorted(field[:-4].replace("_", "-") for field in fields if field.endswith("_url") and field != "public_url")


@cache
def metrics():
    """Every metric that the sources tell: its name and its kind."""
    found = {}
    for folder in ("crates", "services"):
        for path in (ROOT / folder).rglob("src/**/*.rs"):
            for kind, name in re.findall(r'\b(counter|gauge|histogram)!\(\s*"(\w+)"', path.read_text()):
                found[name] = kind
    return found


def run(*command, **settings):
    """Runs a command and gives what it said; what it said stands in the failure too."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **settings)
    if done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


TOOLS = Path(sys.prefix)
