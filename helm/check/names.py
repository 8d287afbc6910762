"""names.py ROOT: the chart knows every variable of the programs, and its rules ask for metrics and labels that they have."""

import json
import pathlib
import re
import sys

import yaml

import metrics

# What the chart makes by itself, of other values.
MADE = {
    "INKLOG_BUS_SECRET", "INKLOG_COMMANDS_URL", "INKLOG_DATABASE_URL", "INKLOG_EMAIL_KEY_FILE", "INKLOG_GRPC_ADVERTISE",
    "INKLOG_GRPC_LISTEN", "INKLOG_KAFKA_BROKERS", "INKLOG_KEY_RING_FILE", "INKLOG_LISTEN", "INKLOG_MAIL",
    "INKLOG_MEDIA_SPOOL", "INKLOG_METRICS_LISTEN", "INKLOG_PARTITIONS", "INKLOG_REDIS_PREFIX", "INKLOG_REDIS_URL",
    "INKLOG_REGISTRY_URL", "INKLOG_REPLICATION", "INKLOG_TOKEN_JWKS", "INKLOG_TOKEN_KEYS_DIR", "INKLOG_TOPIC_PREFIX",
    "INKLOG_UPSTREAM_COMMANDS", "INKLOG_UPSTREAM_COMMUNITY", "INKLOG_UPSTREAM_IDENTITY", "INKLOG_UPSTREAM_PUBLISHING",
    "INKLOG_UPSTREAM_QUERIES",
}
# For development, and of tools that a person runs.
LEFT_OUT = {"INKLOG_TOKEN_PRIVATE_KEY_FILE", "INKLOG_TOKEN_PUBLIC_KEY_FILE", "INKLOG_IMPORT_USER",
            "INKLOG_IMPORT_PASSWORD_FILE"}
SOURCES = ["command-services/src", "projection-services/src", "query-api/src", "gateway/src", "crates/service-kit/src",
           "crates/event-log/src", "crates/media/src"]


def sources(root):
    for folder in SOURCES:
        for path in sorted((root / folder).rglob("*.rs")):
            yield path.read_text(encoding="utf-8")


def main():
    root = pathlib.Path(sys.argv[1])
    code = "\n".join(sources(root))
    chart = root / "helm/inklog"
    wrong = []

    variables = set(re.findall(r'env = "(INKLOG_[A-Z0-9_]+)"', code)) - MADE - LEFT_OUT
    schema = json.loads((chart / "values.schema.json").read_text(encoding="utf-8"))
    known = set(schema["definitions"]["settings"]["properties"])
    wrong += [f"{name}: the programs read it, and `settings` of values.schema.json does not know it"
              for name in sorted(variables - known)]
    wrong += [f"{name}: values.schema.json takes it, and no program reads it" for name in sorted(known - variables)]

    rules = yaml.safe_load((chart / "alerts.yaml").read_text(encoding="utf-8"))
    known, asked = metrics.Metrics(root), [rule for group in rules["groups"] for rule in group["rules"]]
    for rule in asked:
        if not rule["expr"].startswith("vector("):
            wrong += known.faults(rule.get("alert", rule.get("record")), rule["expr"])
    for path in sorted((root / "docs/logging").glob("*.yaml")):
        shipped = yaml.safe_load(path.read_text(encoding="utf-8"))
        wrong += [f"{path}: it looks at no {field}" for field in ("timestamp", "level") if field not in str(shipped)]
    if len(asked) < 20 or len(known.kinds) < 20 or len(variables) < 5:
        wrong.append("names.py finds next to nothing, so it has lost sight of what it compares")
    sys.exit("\n".join(wrong) or 0)


main()
