"""routes.py ROOT RENDERED…: every operation of the OpenAPI documents leads to the service that has it, by HTTPRoute and
by Ingress, as these choose between their paths; or to the gateway, and by what it is told to that service."""

import json
import pathlib
import re
import sys

import yaml

METHODS = ("get", "put", "post", "delete", "patch")


def services_of_commands(root):
    """Which service each operation belongs to: from the table of services and the sources of their parts."""
    table = (root / "command-services/src/lib.rs").read_text(encoding="utf-8")
    owners = {}
    for service, parts in re.findall(r'^    \w+ "([a-z-]+)": \[([^\]]+)\];', table, re.M):
        for module in {part.split("::")[0].strip() for part in parts.split(",")}:
            folder = root / "command-services/src"
            for path in [folder / f"{module}.rs", *sorted((folder / module).rglob("*.rs"))]:
                text = path.read_text(encoding="utf-8")
                for method, address in re.findall(r'utoipa::path\(\s*(\w+),\s*path = "([^"]+)"', text):
                    owners[method, address] = service
    return owners


def operations(root):
    """(side, method, path, service) of every operation."""
    owners = services_of_commands(root)
    for side, program in (("commands", "command-services"), ("queries", "query-api")):
        document = json.loads((root / program / "openapi.json").read_text(encoding="utf-8"))
        for path, item in document["paths"].items():
            for method in METHODS:
                if method in item:
                    service = owners.get((method, path)) if side == "commands" else "query-api"
                    yield side, method.upper(), path, service


def covers(match, path):
    """Whether a path matches; prefixes go by segments."""
    wanted = match["value"]
    if match["type"] == "Exact":
        return path == wanted
    return path == wanted or path.startswith(wanted.rstrip("/") + "/")


def chosen(matches, method, path):
    """The backends that the Gateway API prefers: an exact path, then the longest, then one that names the method."""
    fit = [m for m in matches if covers(m, path) and m["method"] in (None, method)]
    rank = lambda m: (m["type"] == "Exact", len(m["value"]), m["method"] is not None)
    best = max(map(rank, fit), default=None)
    return {m["backend"] for m in fit if rank(m) == best}


def of_gateway(objects):
    return [
        {"type": match["path"]["type"], "value": match["path"]["value"], "method": match.get("method"),
         "backend": rule["backendRefs"][0]["name"]}
        for route in objects if route["kind"] == "HTTPRoute"
        for rule in route["spec"]["rules"] for match in rule["matches"]
    ]


def of_ingress(objects):
    """Matches by side: the first host is that of commands. One host is that of both."""
    sides = {}
    for ingress in (o for o in objects if o["kind"] == "Ingress"):
        rules = ingress["spec"]["rules"]
        for side, rule in zip(("commands", "queries"), rules * (2 if len(rules) == 1 else 1)):
            sides[side] = [
                {"type": path["pathType"], "value": path["path"], "method": None,
                 "backend": path["backend"]["service"]["name"]}
                for path in rule["http"]["paths"]
            ]
    return sides


def runs(objects):
    """The services that each Deployment runs: what its first argument names, or its program where it has none."""
    out = {}
    for deployment in (o for o in objects if o["kind"] == "Deployment"):
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        program = re.sub(r"[:@].*", "", container["image"].rsplit("/", 1)[-1])
        out[deployment["metadata"]["name"]] = (program, (container.get("args") or [program])[0])
    return out


def upstreams(objects):
    """What the gateway is told: the Deployment by the name of an upstream, whose pods a Service without address finds."""
    deployments = {o["metadata"]["name"]: o for o in objects if o["kind"] == "Deployment"}
    headless = {o["metadata"]["name"]: o["spec"] for o in objects
                if o["kind"] == "Service" and o["spec"].get("clusterIP") == "None"}
    out = {}
    for deployment in deployments.values():
        for variable in deployment["spec"]["template"]["spec"]["containers"][0].get("env", []):
            named = re.fullmatch(r"INKLOG_UPSTREAM_([A-Z]+)", variable["name"])
            if named:
                service, port = re.fullmatch(r"dns:([^:]+):(\d+)", variable["value"]).groups()
                spec = headless[service]
                found = [name for name, o in deployments.items()
                         if o["spec"]["selector"]["matchLabels"] == spec["selector"] and int(port) == 8080]
                out[named[1].lower()] = found[0] if len(found) == 1 else None
    return out


def judge(root, rendered):
    with open(rendered, encoding="utf-8") as file:
        objects = [o for o in yaml.safe_load_all(file) if o]
    gateway, ingress, deployed, wrong = of_gateway(objects), of_ingress(objects), runs(objects), []
    passed_on = upstreams(objects)
    for side, method, template, service in operations(root):
        path = re.sub(r"\{[^}]+\}", "x1", template)
        program = "command-services" if side == "commands" else "query-api"
        runs_it = ((program, service), (program, "all"))
        if passed_on:
            upstream = "queries" if side == "queries" else service if service in passed_on else "commands"
            if deployed.get(passed_on.get(upstream)) not in runs_it:
                wrong.append(f"{rendered}: {method} {template} is of {service}, and the gateway is told of another")
        for asked in ((method, "HEAD") if method == "GET" else (method,)):
            for kind, matches in (("HTTPRoute", gateway), ("Ingress", ingress.get(side, []))):
                if not matches:
                    continue
                backends = chosen(matches, asked, path)
                fits = len(backends) == 1 and deployed.get(next(iter(backends))) in (*runs_it, ("gateway", "gateway"))
                if not fits:
                    found = ", ".join(sorted(backends)) or "nothing"
                    wrong.append(f"{rendered}: {asked} {template} is of {service}, and {kind} leads to {found}")
    return wrong, bool(gateway or ingress)


def main():
    root, wrong, judged = pathlib.Path(sys.argv[1]), [], 0
    unowned = [f"{method} {path}" for _, method, path, service in operations(root) if service is None]
    wrong += [f"{operation}: which service has it cannot be told from the sources" for operation in unowned]
    for rendered in sys.argv[2:]:
        found, has_routes = judge(root, rendered)
        wrong += found
        judged += has_routes
    if not judged:
        wrong.append("no example has routes")
    sys.exit("\n".join(wrong) or 0)


main()
