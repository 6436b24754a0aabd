"""What `helm lint` says of the chart, of each values file too."""

import sys

import helm_python as helm

from chart import CHART, MATRIX, chart

faults = helm.lint(str(CHART))["errors"]
faults += [f"{name}: {fault}" for name, layers in MATRIX.items() if (fault := chart().refusal(*layers))]
sys.exit("\n".join(map(str, faults)) or None)
