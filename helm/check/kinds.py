"""kinds.py FROM TO VERSION…: of each version of Kubernetes the strict schemas of the kinds that a chart has, each whole
in a file of its own: kubeconform follows no reference to another file."""

import json
import pathlib
import re
import sys

KINDS = [
    "configmap-v1", "deployment-apps-v1", "horizontalpodautoscaler-autoscaling-v2", "ingress-networking-v1",
    "job-batch-v1", "networkpolicy-networking-v1", "poddisruptionbudget-policy-v1", "secret-v1", "service-v1",
    "serviceaccount-v1",
]
REFERENCE = re.compile(r'"(?:/api/_definitions\.json)?#/\$defs/([^"]+)"')


def whole(text, definitions):
    """A schema with all that it refers to, directly or not."""
    needed, new = {}, set(REFERENCE.findall(text))
    while new:
        name = new.pop()
        needed[name] = definitions[name]
        new |= set(REFERENCE.findall(json.dumps(definitions[name]))) - needed.keys()
    schema = json.loads(REFERENCE.sub(r'"#/$defs/\1"', text))
    schema.pop("$id", None)
    return schema | {"$defs": json.loads(REFERENCE.sub(r'"#/$defs/\1"', json.dumps(needed)))}


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    for version in sys.argv[3:]:
        folder, made = source / f"v{version}-local-strict", target / f"v{version}"
        definitions = json.loads((folder / "_definitions.json").read_text(encoding="utf-8"))["$defs"]
        made.mkdir(parents=True)
        for kind in KINDS:
            schema = whole((folder / f"{kind}.json").read_text(encoding="utf-8"), definitions)
            (made / f"{kind}.json").write_text(json.dumps(schema), encoding="utf-8")


main()
