"""rules.py RENDERED FOLDER: writes the alerts of a rendered example, and their tests, for promtool."""

import pathlib
import sys

import yaml

OURS = 'inklog="inklog",namespace="inklog"'


def series(name, values, **labels):
    more = "".join(f',{key}="{value}"' for key, value in labels.items())
    return {"series": f"{name}{{{OURS}{more}}}", "values": values}


def fires(alert, minute, *inputs, quiet=(), **labels):
    """A test: with these series the alert fires at that minute; with those it does not."""
    return [
        {"interval": "1m", "input_series": list(inputs),
         "alert_rule_test": [{"alertname": alert, "eval_time": f"{minute}m", "exp_alerts": [{"exp_labels": labels}]}]},
        {"interval": "1m", "input_series": list(quiet),
         "alert_rule_test": [{"alertname": alert, "eval_time": f"{minute}m", "exp_alerts": []}]},
    ]


def tests():
    asked = lambda status, values: series("http_requests_total", values, component="publishing", status=status)
    lag = lambda pod, value: series("inklog_projection_lag_events", f"{value}x20", pod=pod, projector="content",
                                    context="posts", partition="0")
    up = lambda pod, values: series("up", values, component="publishing", pod=pod)
    yield from fires("InklogErrors", 12, asked("200", "0+90x20"), asked("503", "0+10x20"),
                     quiet=[asked("200", "0+999x20"), asked("404", "0+99x20"), asked("503", "0+1x20")],
                     component="publishing", severity="critical")
    # One instance that keeps up is enough: the others only stand by.
    yield from fires("InklogProjectionBehind", 12, lag("a", 5000), lag("b", 4000), quiet=[lag("a", 5000), lag("b", 3)],
                     projector="content", context="posts", partition="0", severity="warning")
    yield from fires("InklogDown", 12, up("a", "1x20"), up("b", "0x20"), quiet=[up("a", "1x20"), up("b", "1x20")],
                     component="publishing", severity="warning")
    yield from fires("InklogGone", 12, up("a", "0x20"), up("b", "0x20"), quiet=[up("a", "1x20"), up("b", "0x20")],
                     component="publishing", severity="critical")
    parked = lambda values: series("inklog_projection_parked_total", values, projector="lists")
    yield from fires("InklogEventParked", 12, parked("0x5 1x15"), quiet=[parked("3x20")], projector="lists",
                     severity="warning")
    alarms = lambda values: series("inklog_log_alarms_total", values, component="identity", context="accounts")
    yield from fires("InklogLogAlarm", 12, alarms("0x5 1x15"), quiet=[alarms("3x20")], component="identity",
                     context="accounts", severity="critical")


def main():
    rendered, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    with open(rendered, encoding="utf-8") as file:
        rules = next(o for o in yaml.safe_load_all(file) if o and o["kind"] == "PrometheusRule")
    (folder / "alerts.yaml").write_text(yaml.safe_dump(rules["spec"]), encoding="utf-8")
    # What an alert says in words is no part of the tests.
    for rule in rules["spec"]["groups"][0]["rules"]:
        rule.pop("annotations")
    (folder / "rules.yaml").write_text(yaml.safe_dump(rules["spec"]), encoding="utf-8")
    made = {"rule_files": [str(folder / "rules.yaml")], "evaluation_interval": "1m", "tests": list(tests())}
    (folder / "test.yaml").write_text(yaml.safe_dump(made, sort_keys=False), encoding="utf-8")


main()
