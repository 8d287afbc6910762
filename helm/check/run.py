"""run.py RENDERED BINARIES FIRST_PORT FOLDER [PROMETHEUS PROMTOOL]: does with a rendered chart what a cluster would, as
processes here.

Each hook is run, in the order of their weights and three times at once, and then all once more. Then each
Deployment's container is started with the arguments, variables and files that the chart gives it; all must become
ready, do what they are for, be scraped by Prometheus where it is given, and end by themselves on SIGTERM. Only
addresses to listen on are others, for all share one machine, and files are in FOLDER.
"""

import base64
import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

import observe

# As the chart's `startupProbe` has it.
START_SECONDS = 180


class Cluster:
    def __init__(self, rendered, binaries, first_port, folder):
        with open(rendered, encoding="utf-8") as file:
            self.objects = [thing for thing in yaml.safe_load_all(file) if thing]
        self.binaries, self.port, self.folder = pathlib.Path(binaries), first_port, pathlib.Path(folder)
        self.started, self.metrics, self.ports = {}, {}, {}

    def of(self, kind):
        return [thing for thing in self.objects if thing["kind"] == kind]

    def data(self, kind, name):
        """What a ConfigMap or Secret holds; it must be in the release, or among its hooks."""
        thing = next(thing for thing in self.of(kind) if thing["metadata"]["name"] == name)
        made = {key: base64.b64decode(value).decode() for key, value in thing.get("data", {}).items()} \
            if kind == "Secret" else dict(thing.get("data", {}))
        return made | thing.get("stringData", {})

    def variables(self, container):
        out = {}
        for source in container.get("envFrom", []):
            out |= self.data("ConfigMap", source["configMapRef"]["name"])
        for variable in container.get("env", []):
            if "value" in variable:
                value = variable["value"].replace("$(POD_IP)", out.get("POD_IP", ""))
            elif "fieldRef" in variable["valueFrom"]:
                value = "127.0.0.1"
            else:
                reference = variable["valueFrom"]["secretKeyRef"]
                value = self.data("Secret", reference["name"])[reference["key"]]
            out[variable["name"]] = value
        return out

    def mount(self, spec, container):
        """Writes the files that the container finds; gives where its paths are here."""
        places = {}
        for mount in container.get("volumeMounts", []):
            volume = next(v for v in spec["volumes"] if v["name"] == mount["name"])
            place = self.folder / container["name"] / mount["name"]
            place.mkdir(parents=True, exist_ok=True)
            places[mount["mountPath"]] = place
            if "secret" in volume:
                for file, text in self.data("Secret", volume["secret"]["secretName"]).items():
                    (place / file).write_text(text, encoding="utf-8")
            for source in volume.get("projected", {}).get("sources", []):
                held = self.data("Secret", source["secret"]["name"])
                for item in source["secret"]["items"]:
                    (place / item["path"]).write_text(held[item["key"]], encoding="utf-8")
        return places

    def begin(self, spec):
        """Starts a pod's container; gives the process, and the port at which it answers HTTP."""
        container = spec["containers"][0]
        program = container["image"].rsplit("/", 1)[-1].split(":")[0].split("@")[0]
        variables, places = self.variables(container), self.mount(spec, container)
        port = self.port
        for name in ("INKLOG_LISTEN", "INKLOG_METRICS_LISTEN", "INKLOG_GRPC_LISTEN"):
            if name in variables:
                variables[name] = f"127.0.0.1:{self.port}"
                if name == "INKLOG_GRPC_LISTEN":
                    variables["INKLOG_GRPC_ADVERTISE"] = f"http://127.0.0.1:{self.port}"
                if name == "INKLOG_METRICS_LISTEN":
                    self.metrics[container["name"]] = variables[name]
                self.port += 1
        for name, value in variables.items():
            for inside, outside in places.items():
                if value.startswith(inside + "/") or value == inside:
                    variables[name] = value.replace(inside, str(outside), 1)
        if "INKLOG_COMMANDS_URL" in variables:
            variables["INKLOG_COMMANDS_URL"] = f"http://127.0.0.1:{port}"
        for name in (name for name in variables if name.startswith("INKLOG_UPSTREAM_")):
            pods = re.fullmatch(r"dns:(?:inklog-)(.+)-pods:8080", variables[name])
            if pods:
                variables[name] = f"http://127.0.0.1:{self.ports[pods[1]]}"
        self.ports[container["name"]] = port
        self.started[container["name"]] = (self.binaries / program, variables)
        log = open(self.folder / f"{container['name']}.log", "ab")
        command = [str(self.binaries / program), *container.get("args", [])]
        return subprocess.Popen(command, env=variables, stdout=log, stderr=log), port

    def execute(self, name, *arguments):
        """Runs a further command in a container, as `kubectl exec` does."""
        program, variables = self.started[name]
        done = subprocess.run([program, *arguments], env=variables, capture_output=True, text=True, timeout=60)
        if done.returncode:
            sys.exit(f"{name}: {' '.join(arguments)}: {done.stderr}")

    def end_of_log(self, name):
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")[-2000:]


def hooks(cluster):
    weight = lambda job: int(job["metadata"]["annotations"]["helm.sh/hook-weight"])
    jobs = sorted(cluster.of("Job"), key=weight)
    for times in (3, 1):
        for job in jobs:
            spec = job["spec"]["template"]["spec"]
            running = [cluster.begin(spec)[0] for _ in range(times)]
            if any(process.wait(timeout=120) for process in running):
                sys.exit(f"{job['metadata']['name']}: {cluster.end_of_log(spec['containers'][0]['name'])}")
    return len(jobs)


def ask(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError as error:
        return 0, str(error)


def send(port, method, path, body=None, **headers):
    """What an answer that must be a good one says, and its headers."""
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, sent, method=method)
    until = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as error:
            said, again = error.read().decode(), error.headers["Retry-After"]
            # Nothing was done, and the answer says when to ask again: as a client does.
            if error.code != 503 or not again or time.monotonic() > until:
                sys.exit(f"{method} {path}: {error.code} {said}")
            time.sleep(int(again))


def journey(cluster, ports):
    """A person registers, becomes an author by the operator's word, writes, and reads what was written and liked."""
    # Where there is a gateway, by way of it.
    ask_for = lambda name: ports.get("gateway", ports[name])
    identity, publishing, queries = ask_for("identity"), ask_for("publishing"), ask_for("query-api")
    person = {"user_name": "ada", "email": "ada@example.org", "password": "correct horse battery staple"}
    account, _ = send(identity, "POST", "/v1/register", person)
    cluster.execute("identity", "admin", "grant", account["id"], "author")
    session, _ = send(identity, "POST", "/v1/sessions", {"login": "ada", "password": person["password"]})
    token = {"Authorization": f"Bearer {session['access_token']}"}
    post, _ = send(publishing, "POST", "/v1/posts", {"title": "Out of a chart", "body": "*First*."}, **token)
    _, headers = send(publishing, "POST", f"/v1/posts/{post['id']}/publish", **token)
    send(queries, "GET", "/v1/posts/out-of-a-chart", Inklog_Position=headers["Inklog-Position"])
    _, headers = send(ask_for("community"), "PUT", f"/v1/me/reactions/post/{post['id']}/like", **token)
    liked, _ = send(queries, "GET", "/v1/posts/out-of-a-chart", Inklog_Position=headers["Inklog-Position"])
    if liked["reactions"] != {"like": 1}:
        sys.exit(f"a post that one person likes shows {liked['reactions']}")
    cluster.execute("content", "status")


def await_ready(cluster, name, process, port):
    until = time.monotonic() + START_SECONDS
    while True:
        status, answer = ask(port, "/readyz")
        if status == 200:
            return
        if process.poll() is not None or time.monotonic() > until:
            sys.exit(f"{name} is not ready: {status} {answer}\n{cluster.end_of_log(name)}")
        time.sleep(0.2)


def services(cluster, tools):
    running = {}
    try:
        # In any order: who needs another one waits for it. The one that publishes keys comes at the port it was told, and
        # the gateway last, for then it is known where all are.
        place = lambda one: ("identity" not in one["metadata"]["name"], "gateway" in one["metadata"]["name"])
        deployments = sorted(cluster.of("Deployment"), key=place)
        for deployment in deployments:
            spec = deployment["spec"]["template"]["spec"]
            running[spec["containers"][0]["name"]] = (*cluster.begin(spec), spec["terminationGracePeriodSeconds"])
        for name, (process, port, _) in running.items():
            await_ready(cluster, name, process, port)
        journey(cluster, {name: port for name, (_, port, _) in running.items()})
        if tools:
            addresses = {name: cluster.metrics[name] for name in running}
            alerts = observe.observe(tools, addresses, cluster.port, cluster.folder)
            print(f"{len(addresses)} services: scraped by Prometheus, which has {alerts} alerts and none that fires")
        began = time.monotonic()
        for process, _, _ in running.values():
            process.terminate()
        for name, (process, _, grace) in running.items():
            code = process.wait(timeout=max(1, began + grace - time.monotonic()))
            if code:
                sys.exit(f"{name} ends with {code}: {cluster.end_of_log(name)}")
        return len(running), time.monotonic() - began
    finally:
        for process, _, _ in running.values():
            process.poll() is None and process.kill()


def main():
    rendered, binaries, first_port, folder, *tools = sys.argv[1:]
    cluster = Cluster(rendered, binaries, int(first_port), folder)
    done = hooks(cluster)
    print(f"{done} hooks: each twice")
    count, took = services(cluster, tools)
    print(f"{count} services: ready, used by an author and a reader, and gone {took:.1f} s after SIGTERM")


main()
