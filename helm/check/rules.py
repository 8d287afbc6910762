"""rules.py ROOT RENDERED FOLDER: every alert is tested to fire and not to, and has a runbook; writes the rules of a
rendered example for promtool."""

import pathlib
import re
import sys

import yaml


def alerts(rules):
    return [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]


def untested(rules, tests):
    """The alerts of which no test says that they fire, and those of which none says that they do not."""
    asked = [question for test in tests["tests"] for question in test["promql_expr_test"]]
    for rule in alerts(rules):
        name, severity = rule["alert"], rule["labels"]["severity"]
        ours = [question for question in asked if f'alertname="{name}"' in question["expr"]]
        fires = [question for question in ours if question["exp_samples"]]
        told = [q for q in fires if severity in str(q) or len([r for r in alerts(rules) if r["alert"] == name]) == 1]
        if not told:
            yield f"no test says that {name} ({severity}) fires"
        if len(fires) == len(ours):
            yield f"no test says when {name} does not fire"


def runbooks(root, rules):
    """What is wrong with the runbooks: a page for each alert, and none besides."""
    pages = {str(page.relative_to(root)) for page in (root / "docs/runbooks").glob("Inklog*.md")}
    linked = {rule["annotations"]["runbook_url"]: rule["alert"] for rule in alerts(rules)}
    yield from (f"{page}: no alert leads there" for page in sorted(pages - linked.keys()))
    for page, alert in linked.items():
        if pathlib.Path(page).stem != alert:
            yield f"{alert} leads to {page}"
        elif page not in pages:
            yield f"{page} is missing"
        else:
            found = re.findall(r"^## (.+)$", (root / page).read_text(encoding="utf-8"), re.MULTILINE)
            if found != ["What it means", "How to see it", "What to do", "Tried"]:
                yield f"{page} has other sections: {found}"


def main():
    root, rendered, folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    rules = yaml.safe_load((root / "helm/inklog/alerts.yaml").read_text(encoding="utf-8"))
    tests = yaml.safe_load((root / "helm/check/alerts-test.yaml").read_text(encoding="utf-8"))
    with open(rendered, encoding="utf-8") as file:
        made = next(o for o in yaml.safe_load_all(file) if o and o["kind"] == "PrometheusRule")
    (folder / "alerts.yaml").write_text(yaml.safe_dump(made["spec"]), encoding="utf-8")
    sys.exit("\n".join([*untested(rules, tests), *runbooks(root, rules)]) or 0)


main()
