"""What docs/metrics.md says, and whether a query of Prometheus asks for what there is."""

import pathlib
import re

# What Prometheus and the chart's ServiceMonitor add to every series.
ADDED = {"service", "component", "inklog", "namespace", "pod", "instance", "job"}
# What the rules in alerts.yaml record.
RECORDED = re.compile(r"record: (inklog:\S+)")
SELECTOR = re.compile(r"\b([a-z][a-z0-9_]*(?::[a-z0-9_:]+)?)(?:\{([^{}]*)\}|\[)")
GROUPING = re.compile(r"\b(?:by|on|without|ignoring|group_left|group_right) ?\(([^()]*)\)")
LABEL = re.compile(r"([a-z_]+) ?(?:=~|!~|!=|=)")


class Metrics:
    def __init__(self, root):
        root = pathlib.Path(root)
        self.kinds, self.labels = {}, {}
        for line in (root / "docs/metrics.md").read_text(encoding="utf-8").splitlines():
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) == 7 and cells[1].startswith("`"):
                name = cells[1].strip("`")
                self.kinds[name] = cells[2]
                self.labels[name] = set(re.findall(r"`([a-z_]+)`:", cells[4]))
        self.recorded = set(RECORDED.findall((root / "helm/inklog/alerts.yaml").read_text(encoding="utf-8")))

    def metric(self, series):
        """The metric that a series is of: a histogram has three kinds of them."""
        for ending in ("_bucket", "_sum", "_count"):
            name = series.removesuffix(ending)
            if name != series and self.kinds.get(name) == "histogram":
                return name, {"le"} if ending == "_bucket" else set()
        return (series, set()) if self.kinds.get(series) not in (None, "histogram") else (None, set())

    def faults(self, where, query):
        """What a query asks for that there is not."""
        allowed, asked = set(), 0
        for series, selectors in SELECTOR.findall(query):
            asked += 1
            if series == "up" or series in self.recorded:
                labels = ADDED | {"slo"}
            else:
                name, more = self.metric(series)
                if name is None:
                    yield f"{where}: {series} is no metric of ours"
                    continue
                labels = self.labels[name] | more | ADDED
            allowed |= labels
            quoted = re.sub(r'"[^"]*"', "", selectors)
            yield from (f"{where}: {series} has no label {label}"
                        for label in sorted(set(LABEL.findall(quoted + " ")) - labels))
        for grouped in GROUPING.findall(query):
            named = {label.strip() for label in grouped.split(",") if label.strip()}
            yield from (f"{where}: nothing here has a label {label}" for label in sorted(named - allowed))
        if not asked:
            yield f"{where}: it asks for nothing"
