"""crds.py FROM TO: a JSON schema per version of each CustomResourceDefinition, as kubeconform looks them up. What a
schema does not name is refused, as it is by kubeconform's own."""

import json
import pathlib
import sys

import yaml


def strict(schema):
    """Closes every object that lists its properties."""
    if isinstance(schema, dict):
        if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
            schema.setdefault("additionalProperties", False)
        if schema.get("x-kubernetes-int-or-string"):
            schema.pop("type", None)
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)
    return schema


def main():
    source, target = map(pathlib.Path, sys.argv[1:3])
    for path in sorted(source.glob("*.yaml")):
        for crd in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for version in crd["spec"]["versions"]:
                schema = version["schema"]["openAPIV3Schema"]
                # What metadata may hold, Kubernetes says and not the definition.
                schema["properties"]["metadata"] = {"type": "object"}
                group = crd["spec"]["group"].split(".")[0]
                name = f"{crd['spec']['names']['kind'].lower()}-{group}-{version['name']}.json"
                (target / name).write_text(json.dumps(strict(schema)), encoding="utf-8")


main()
