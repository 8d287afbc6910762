"""Has a real Prometheus scrape what run.py runs, with the chart's rules, and asks it what the dashboards ask."""

import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import yaml

import dashboards
import metrics

ROOT = pathlib.Path(__file__).parents[2]
# For what happens within a second or two on a machine that is not busy.
PATIENCE = 40
# What the journey of run.py must have left.
SEEN = {
    'sum(inklog_events_total{context="accounts",event="Registered"})': 1,
    'sum(inklog_events_total{context="posts",event="Published"})': 1,
    'sum(inklog_commands_total{context="posts",outcome="accepted"})': 2,
    'count(inklog_log_append_seconds_count > 0)': 2,
    'sum(inklog_log_partitions{state="led"})': 2,
    'sum(inklog_log_read_back_seconds_count)': 3,
    'sum(inklog_projection_event_age_seconds_count{projector="content"})': 1,
    'count(inklog_projection_ready == 1)': 3,
    'sum(inklog_query_wait_seconds_count{outcome="passed"})': 1,
    'sum(http_requests_total{route="/v1/register",method="POST",status="201"})': 1,
    'count(count by (pool) (inklog_pool_connections))': 2,
    'count(process_resident_memory_bytes > 1e6)': 5,
}


def get(address, path, **query):
    asked = f"?{urllib.parse.urlencode(query)}" if query else ""
    with urllib.request.urlopen(f"http://{address}{path}{asked}", timeout=10) as answer:
        return answer.read().decode()


def exported(promtool, name, address, known):
    """What is wrong with what a process exports."""
    text = get(address, "/metrics")
    linted = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=30)
    if linted.returncode or linted.stdout or linted.stderr:
        yield f"{name}: promtool: {linted.stdout}{linted.stderr}"
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        series, labels = re.match(r"([a-z0-9_]+)(?:\{(.*)\})? ", line).groups()
        metric, more = known.metric(series)
        if metric is None:
            yield f"{name}: {series} is not in docs/metrics.md"
            continue
        found = set(re.findall(r'([a-z_]+)="', labels or "")) - {"service"}
        if found != known.labels[metric] | more:
            yield f"{name}: {series} has the labels {sorted(found)}"


def levels(name, address):
    """Changes what is logged, and puts it back."""
    before = json.loads(get(address, "/log"))
    for method, body, wanted in (("PUT", {"filter": "debug"}, {"filter": "debug"}), ("DELETE", None, before)):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://{address}/log", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
        if json.loads(get(address, "/log")) != wanted:
            yield f"{name}: what is logged is not what it was told"


class Prometheus:
    def __init__(self, program, processes, port, folder):
        self.address, self.folder = f"127.0.0.1:{port}", folder
        folder.mkdir()
        # All is to happen within seconds.
        rules = (ROOT / "helm/inklog/alerts.yaml").read_text(encoding="utf-8").replace("interval: 1m", "interval: 1s")
        (folder / "rules.yaml").write_text(rules, encoding="utf-8")
        targets = [{"targets": [address],
                    "labels": {"component": name, "pod": f"{name}-1", "inklog": "inklog", "namespace": "inklog"}}
                   for name, address in processes.items()]
        config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": ["rules.yaml"],
                  "scrape_configs": [{"job_name": "inklog", "static_configs": targets}]}
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [program, f"--config.file={folder / 'prometheus.yaml'}", f"--storage.tsdb.path={folder / 'data'}",
                 f"--web.listen-address={self.address}"], stdout=log, stderr=log)

    def ask(self, path, **query):
        return json.loads(get(self.address, f"/api/v1/{path}", **query))["data"]

    def value(self, query):
        result = self.ask("query", query=query)["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def rules(self):
        return [rule for group in self.ask("rules")["groups"] for rule in group["rules"]]

    def unseen(self, instances):
        """What is not there yet."""
        ups = self.value("count(up == 1)")
        if ups != instances:
            yield f"{ups} of {instances} targets are up"
        for query, least in SEEN.items():
            found = self.value(query)
            if found < least:
                yield f"{query} is {found}, and should be {least} at least"
        yield from (f"{rule['name']}: {rule.get('lastError', 'not evaluated')}"
                    for rule in self.rules() if rule["health"] != "ok")

    def wait(self, instances):
        until, missing = time.monotonic() + PATIENCE, ["nothing was asked"]
        while missing and time.monotonic() < until:
            time.sleep(0.5)
            try:
                missing = list(self.unseen(instances))
            except (OSError, KeyError) as error:
                missing = [f"Prometheus does not answer: {error}"]
        return missing

    def refused(self):
        """Queries of the dashboards that cannot be answered; and alerts where nothing is wrong."""
        for name, (title, rows) in dashboards.DASHBOARDS.items():
            for where, query in dashboards.queries(dashboards.dashboard(name, title, rows)):
                query = query.replace("$__rate_interval", "1m").replace("$", "").replace('"namespace"', '"inklog"')
                try:
                    self.ask("query", query=query)
                except urllib.error.HTTPError as error:
                    yield f"{where}: {error.read().decode()}"
        for alert in self.ask("alerts")["alerts"]:
            if alert["state"] == "firing":
                yield f"{alert['labels']['alertname']} fires where nothing is wrong: {alert['labels']}"


def observe(tools, processes, port, folder):
    """Ends with what is wrong; `processes` are the addresses of their metrics by name."""
    program, promtool = tools
    known, wrong = metrics.Metrics(ROOT), []
    for name, address in processes.items():
        wrong += list(exported(promtool, name, address, known)) + list(levels(name, address))
    prometheus = Prometheus(program, processes, port, pathlib.Path(folder) / "prometheus")
    try:
        wrong += prometheus.wait(len(processes)) or list(prometheus.refused())
    finally:
        prometheus.process.terminate()
        prometheus.process.wait(timeout=20)
    if wrong:
        sys.exit("\n".join(wrong))
    return len(prometheus.folder.joinpath("rules.yaml").read_text(encoding="utf-8").split("- alert:")) - 1
