"""server.py URL TOKEN RENDERED…: a real API server is asked to take every object, as a dry run that refuses unknown and
doubled fields. Custom resources are defined there beforehand, out of --crds FOLDER."""

import json
import pathlib
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

# The plural of a kind in an address.
PLURALS = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}


class Server:
    def __init__(self, url, token):
        self.url, self.token = url, token
        # Its certificate was made a moment ago, on this machine.
        self.tls = ssl._create_unverified_context()

    def ask(self, method, path, body=None, content_type="application/json"):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20, context=self.tls) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def await_(self, path, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status, answer = self.ask("GET", path)
            if status == 200:
                return
            time.sleep(0.5)
        sys.exit(f"{path}: {status} {answer}")


def address(thing, namespace):
    group, _, version = thing["apiVersion"].rpartition("/")
    kind = thing["kind"]
    plural = PLURALS.get(kind, kind.lower() + "s")
    base = f"/apis/{group}/{version}" if group else f"/api/{version}"
    return f"{base}/namespaces/{namespace}/{plural}"


def define(server, folder):
    for path in sorted(pathlib.Path(folder).glob("*.yaml")):
        for crd in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            server.ask("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
            version = crd["spec"]["versions"][0]["name"]
            server.await_(f"/apis/{crd['spec']['group']}/{version}/{crd['spec']['names']['plural']}", 30)


def take(server, thing, namespace):
    """What the server says against an object; None if nothing."""
    where = f"{address(thing, namespace)}/{thing['metadata']['name']}"
    query = "?dryRun=All&fieldValidation=Strict&fieldManager=check&force=true"
    status, answer = server.ask("PATCH", where + query, thing, "application/apply-patch+yaml")
    return None if status in (200, 201) else f"{thing['kind']} {thing['metadata']['name']}: {status} {answer}"


def main():
    url, token = sys.argv[1:3]
    folder = sys.argv[sys.argv.index("--crds") + 1]
    rendered = [argument for argument in sys.argv[3:] if argument not in ("--crds", folder)]
    server, wrong, taken = Server(url, token), [], 0
    server.await_("/readyz", 120)
    server.ask("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "inklog", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}})
    define(server, folder)
    # Were nothing refused, nothing would be known.
    bad = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "bad"}, "dta": {}}
    if take(server, bad, "inklog") is None:
        sys.exit("the server takes an object with an unknown field")
    for path in rendered:
        with open(path, encoding="utf-8") as file:
            for thing in filter(None, yaml.safe_load_all(file)):
                refused = take(server, thing, "inklog")
                wrong += [f"{path}: {refused}"] if refused else []
                taken += 1
                # A Deployment is taken whatever its pods are; these are what the restricted profile is about.
                template = thing.get("spec", {}).get("template") if isinstance(thing.get("spec"), dict) else None
                if template and "spec" in template:
                    pod = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
                           "metadata": {**template["metadata"], "name": "a-pod"}}
                    server.ask("POST", "/api/v1/namespaces/inklog/serviceaccounts", {
                        "apiVersion": "v1", "kind": "ServiceAccount",
                        "metadata": {"name": template["spec"]["serviceAccountName"]}})
                    refused = take(server, pod, "inklog")
                    wrong += [f"{path}: {thing['metadata']['name']}: {refused}"] if refused else []
    print(f"a real API server took {taken - len(wrong)} of {taken} objects")
    sys.exit("\n".join(wrong) or 0)


main()
