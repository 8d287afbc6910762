"""dashboards.py ROOT [--write]: Grafana's dashboards in helm/inklog/dashboards are those that this file makes, and each
of their queries asks for metrics and labels that docs/metrics.md has."""

import json
import pathlib
import re
import sys

import metrics

OURS = 'inklog="$inklog",namespace="$namespace"'
SOURCE = {"type": "prometheus", "uid": "$datasource"}


def rate(series, *selectors):
    return f"rate({series}{{{','.join([OURS, *selectors])}}}[$__rate_interval])"


def total(by, series, *selectors):
    return f"sum by ({by}) ({rate(series, *selectors)})" if by else f"sum({rate(series, *selectors)})"


def quantile(q, by, histogram, *selectors):
    by = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, {total(by, histogram + '_bucket', *selectors)})"


def level(by, series, *selectors, how="sum"):
    selected = f"{series}{{{','.join([OURS, *selectors])}}}"
    return f"{how} by ({by}) ({selected})" if by else f"{how}({selected})"


def per_day(series, *selectors):
    return f"sum(increase({series}{{{','.join([OURS, *selectors])}}}[1d]))"


READS, WRITES = 'method=~"GET|HEAD"', 'method!~"GET|HEAD"'
API, COMMANDS, QUERIES = 'route=~"/v1/.*"', 'service="command-services"', 'service="query-api"'
GATEWAY = 'service="gateway"'


def happened(context, event):
    return per_day("inklog_events_total", f'context="{context}"', f'event="{event}"')


# A row is a title with its panels; a panel is a title, a unit of Grafana's, what to know about it, and its queries by
# what their lines are called. One that begins with `=` shows the last value only.
DASHBOARDS = {
    "overview": ("inklog: overview", [
        ("Objectives, of 30 days", [
            ("=Budgets spent faster than they last, over an hour", "short",
             "1 spends a budget in just 30 days. Alerts: 14.4 and 6 for a page, 3 and 1 for a ticket.",
             {"{{slo}}": f'inklog:slo_burn:1h{{{OURS}}}'}),
            ("Burn over an hour", "short", "See docs/runbooks.", {"{{slo}}": f'inklog:slo_burn:1h{{{OURS}}}'}),
            ("Bad requests", "reqps", "What the budgets are spent on.",
             {"{{slo}}": f'inklog:slo_bad:rate5m{{{OURS}}}'}),
        ]),
        ("Requests", [
            ("Requests", "reqps", "Answered, by service.",
             {"{{component}}": total("component", "http_requests_total")}),
            ("Errors of ours", "reqps", "503: nothing was done. 504: it is not known.",
             {"{{component}} {{status}}": total("component, status", "http_requests_total", 'status=~"5.."', API)}),
            ("99 of 100 are answered within", "s", "",
             {"commands": quantile(0.99, "", "http_request_duration_seconds", COMMANDS, API, WRITES),
              "queries": quantile(0.99, "", "http_request_duration_seconds", QUERIES, API, READS)}),
            ("Refused", "reqps", "Too often, too much at once, or too slow.",
             {"over quota {{quota}}": total("quota", "http_requests_over_quota_total"),
              "bodies: {{full}} full": total("full", "http_request_bodies_refused_total"),
              "bodies: too slow": total("", "http_request_bodies_too_slow_total")}),
            ("Being answered", "short", "", {"{{component}}": level("component", "http_requests_in_flight")}),
        ]),
        ("Processes", [
            ("=Instances", "short", "", {"{{component}}": f"sum by (component) (up{{{OURS}}})"}),
            ("Processor time", "short", "Cores.", {"{{component}}": total("component", "process_cpu_seconds_total")}),
            ("Memory", "bytes", "Of the largest instance.",
             {"{{component}}": level("component", "process_resident_memory_bytes", how="max")}),
            ("Open files and connections", "short", "",
             {"{{component}}": level("component", "process_open_fds", how="max")}),
            ("Versions", "short", "", {"{{component}} {{version}}": level("component, version", "inklog_build_info")}),
            ("Lines of the log held back", "short", "The same again and again: the log has one a second, with a count.",
             {"{{component}} {{level}}": total("component, level", "inklog_log_lines_held_back_total")}),
        ]),
    ]),
    "log": ("inklog: log and partitions", [
        ("Commands, at the leader of their partition", [
            ("Commands", "reqps", "", {"{{context}} {{outcome}}": total("context, outcome", "inklog_commands_total")}),
            ("99 of 100 are decided and read back within", "s", "",
             {"{{context}}": quantile(0.99, "context", "inklog_command_duration_seconds")}),
            ("Waiting", "short", "", {"{{context}}": level("context", "inklog_commands_waiting")}),
            ("Sent to the leader elsewhere", "reqps", "",
             {"{{context}}": total("context", "inklog_commands_forwarded_total")}),
            ("Taken from other instances", "reqps", "",
             {"{{context}} {{outcome}}": total("context, outcome", "inklog_bus_requests_total")}),
            ("99 of 100 of these within", "s", "",
             {"{{context}}": quantile(0.99, "context", "inklog_bus_request_duration_seconds")}),
        ]),
        ("Appending and reading", [
            ("99 of 100 batches are with the replicas within", "s", "",
             {"{{topic}}": quantile(0.99, "topic", "inklog_log_append_seconds")}),
            ("99 of 100 events are read back within", "s", "Slower than appending: this instance's own fault.",
             {"{{context}}": quantile(0.99, "context", "inklog_log_read_back_seconds")}),
            ("Errors when reading", "ops", "", {"{{context}}": total("context", "inklog_log_read_errors_total")}),
        ]),
        ("Partitions", [
            ("Led", "short", "By instance.",
             {"{{pod}} {{context}}": level("pod, context", "inklog_log_partitions", 'state="led"')}),
            ("Cannot be answered from", "short", "Silent: nothing was heard of them. Stuck: they cannot be read on.",
             {"{{pod}} {{context}} {{state}}":
              level("pod, context, state", "inklog_log_partitions", 'state=~"silent|stuck|catching-up"')}),
            ("Terms that were begun", "ops", "Each is a change of the leader, or a producer that failed.",
             {"{{pod}} {{context}}": total("pod, context", "inklog_log_terms_total")}),
            ("Records that count for nothing", "ops", "Of leaders that had been succeeded.",
             {"{{context}}": total("context", "inklog_log_void_records_total"),
              "projectors": total("", "inklog_subscription_void_total")}),
            ("Records for barriers", "ops", "", {"{{context}}": total("context", "inklog_log_barrier_records_total")}),
            ("Alarms", "short", "In a quarter of an hour.",
             {"{{context}}": f"sum by (context) (increase(inklog_log_alarms_total{{{OURS}}}[15m]))"}),
            ("Clocks that are wrong", "s", "",
             {"{{pod}}": level("pod", "inklog_log_clock_ahead_seconds", how="max")}),
        ]),
    ]),
    "projections": ("inklog: projections", [
        ("How far they are", [
            ("=Ready", "short", "0: no instance can work.",
             {"{{projector}}": level("projector", "inklog_projection_ready", how="max")}),
            ("Records behind", "short", "Of the instance that is least behind.",
             {"{{projector}} {{context}}": "sum by (projector, context) (" +
              level("projector, context, partition", "inklog_projection_lag_events", how="min") + ")"}),
            ("The oldest that is not applied, at most", "s", "Of the instance that is least behind.",
             {"{{projector}} {{context}}":
              level("projector, context", "inklog_projection_lag_seconds", how="min")}),
            ("99 of 100 commits: age of their oldest event", "s", "How long readers did not see it.",
             {"{{projector}}": quantile(0.99, "projector", "inklog_projection_event_age_seconds")}),
        ]),
        ("What they do", [
            ("Events applied", "ops", "", {"{{projector}}": total("projector", "inklog_projection_events_total")}),
            ("99 of 100 commits take", "s", "",
             {"{{projector}}": quantile(0.99, "projector", "inklog_projection_commit_seconds")}),
            ("Commits", "ops", "", {"{{projector}}": total("projector", "inklog_projection_commit_seconds_count")}),
        ]),
        ("Trouble", [
            ("Parked, in a quarter of an hour", "short", "",
             {"{{projector}}": f"sum by (projector) (increase(inklog_projection_parked_total{{{OURS}}}[15m]))"}),
            ("=Aggregates with parked events now", "short", "",
             {"aggregates": level("", "inklog_query_parked_aggregates", how="max")}),
            ("Alarms, in a quarter of an hour", "short", "",
             {"{{projector}}": f"sum by (projector) (increase(inklog_projection_alarms_total{{{OURS}}}[15m]))"}),
        ]),
    ]),
    "reads": ("inklog: reads", [
        ("Queries", [
            ("Queries", "reqps", "",
             {"{{route}}": f"topk(10, {total('route', 'http_requests_total', QUERIES, API, READS)})"}),
            ("99 of 100 are answered within, by route", "s", "The ten slowest.",
             {"{{route}}": "topk(10, " +
              quantile(0.99, "route", "http_request_duration_seconds", QUERIES, API, READS) + ")"}),
            ("Errors of ours", "reqps", "",
             {"{{route}} {{status}}": total("route, status", "http_requests_total", QUERIES, 'status=~"5.."', API)}),
        ]),
        ("Reading what was written", [
            ("Waits for a position", "reqps", "", {"{{outcome}}": total("outcome", "inklog_query_wait_seconds_count")}),
            ("Half, and 99 of 100, wait no longer than", "s", "",
             {"half": quantile(0.5, "", "inklog_query_wait_seconds", 'outcome="passed"'),
              "99 of 100": quantile(0.99, "", "inklog_query_wait_seconds", 'outcome="passed"')}),
        ]),
        ("What they are answered from", [
            ("Connections to Postgres", "short", "",
             {"{{component}} {{pool}} {{state}}": level("component, pool, state", "inklog_pool_connections"),
              "{{component}} {{pool}} at most": level("component, pool", "inklog_pool_connections_most")}),
            ("Found in what is remembered", "percentunit", "Of all look-ups.",
             {"{{cache}}": total("cache", "inklog_cache_lookups_total", 'outcome="hit"') + " / " +
              total("cache", "inklog_cache_lookups_total")}),
            ("Most used tags, from", "reqps", "", {"{{source}}": total("source", "inklog_query_tags_total")}),
            ("Feeds, from", "reqps", "Where it was looked up which posts of authors are in them.",
             {"{{source}}": total("source", "inklog_query_feeds_total")}),
            ("Reads of posts", "reqps", "Taken to be counted, of programs, lost.",
             {"{{outcome}}": total("outcome", "inklog_query_reads_total")}),
            ("99 of 100 posts are rendered within", "s", "",
             {"posts": quantile(0.99, "", "inklog_query_render_seconds")}),
            ("99 of 100 pictures have their sizes within", "s", "",
             {"pictures": quantile(0.99, "", "inklog_media_render_seconds")}),
            ("Failures", "ops", "",
             {"Postgres, queries": total("", "inklog_query_database_failures_total"),
              "Postgres, vault": total("", "inklog_vault_failures_total"),
              "Redis": total("", "inklog_query_redis_failures_total"),
              "Object store": total("", "inklog_media_store_failures_total")}),
        ]),
    ]),
    "edge": ("inklog: the gateway", [
        ("What callers get", [
            ("Requests", "reqps", "By status.",
             {"{{status}}": total("status", "http_requests_total", GATEWAY)}),
            ("99 of 100 are answered within, by route", "s", "The ten slowest.",
             {"{{route}}": "topk(10, " + quantile(0.99, "route", "http_request_duration_seconds", GATEWAY, API) + ")"}),
            ("Refused by the gateway itself", "reqps", "", {"{{problem}}": total("problem", "inklog_gateway_refused_total")}),
            ("Refused for asking too often", "reqps", "",
             {"{{class}}, by {{by}}": total("class, by", "inklog_gateway_limited_total")}),
            ("Counted, by", "reqps", "Local: Redis is away, and each gateway counts for itself.",
             {"{{by}}": total("by", "inklog_gateway_counted_total")}),
            ("Connections", "short", "Of clients.", {"{{pod}}": level("pod", "inklog_gateway_connections")}),
            ("Connections that were ended", "cps", "For what their clients did, or did not do.",
             {"{{why}}": total("why", "inklog_gateway_connections_closed_total")}),
        ]),
        ("The services behind it", [
            ("Replicas", "short", "As the gateway that sees most of them sees them.",
             {"{{upstream}} {{state}}": level("upstream, state", "inklog_gateway_replicas", how="max")}),
            ("Asked", "reqps", "How it went.",
             {"{{upstream}} {{outcome}}": total("upstream, outcome", "inklog_gateway_upstream_requests_total")}),
            ("99 of 100 begin to answer within", "s", "",
             {"{{upstream}}": quantile(0.99, "upstream", "inklog_gateway_upstream_seconds")}),
            ("Asked again elsewhere", "reqps", "",
             {"{{upstream}} {{outcome}}": total("upstream, outcome", "inklog_gateway_retries_total")}),
            ("Requests that they are given at a time", "short", "Of each gateway, at most.",
             {"{{pod}} {{upstream}}": level("pod, upstream", "inklog_gateway_upstream_limit")}),
            ("Left alone, in a quarter of an hour", "short", "",
             {"{{upstream}}": f"sum by (upstream) (increase(inklog_gateway_breaker_opened_total{{{OURS}}}[15m]))"}),
        ]),
    ]),
    "business": ("inklog: business", [
        ("In a day", [
            ("=Registrations", "short", "", {"accounts": happened("accounts", "Registered")}),
            ("=Posts published", "short", "", {"posts": happened("posts", "Published")}),
            ("=Posts drafted", "short", "", {"posts": happened("posts", "Drafted")}),
            ("=Follows", "short", "", {"follows": happened("following", "Followed")}),
            ("=Bookmarks", "short", "", {"bookmarks": happened("bookmarks", "Added")}),
            ("=Comments", "short", "", {"comments": happened("comments", "Written")}),
            ("=Reactions", "short", "", {"reactions": happened("reactions", "Given")}),
            ("=Shares", "short", "", {"shares": happened("reactions", "Shared")}),
            ("=Accounts erased", "short", "", {"accounts": happened("accounts", "Erased")}),
        ]),
        ("What happens", [
            ("Events", "ops", "The ten most frequent.",
             {"{{context}} {{event}}": f"topk(10, {total('context, event', 'inklog_events_total')})"}),
            ("By itself", "ops", "What was due, such as posts to be published.",
             {"{{context}} {{outcome}}": total("context, outcome", "inklog_due_total")}),
            ("99 of 100 of these are late by at most", "s", "",
             {"{{context}}": quantile(0.99, "context", "inklog_due_late_seconds")}),
        ]),
        ("Accounts", [
            ("Security", "ops", "Log-ins, failed ones, passwords, second factors.",
             {"{{event}}": total("event", "inklog_security_events_total")}),
            ("Held off", "ops", "Attempts to get in, and passwords that were not looked at.",
             {"throttled": total("", "inklog_throttled_total"),
              "turned away": total("", "inklog_passwords_turned_away_total")}),
            ("99 of 100 passwords are checked within", "s", "",
             {"passwords": quantile(0.99, "", "inklog_password_duration_seconds")}),
            ("Letters", "ops", "", {"{{outcome}}": total("outcome", "inklog_mail_total")}),
            ("Exports: records read", "ops", "", {"{{by}}": total("by", "inklog_export_records_total")}),
            ("Exports cut off", "ops", "", {"exports": total("", "inklog_exports_cut_off_total")}),
        ]),
    ]),
}


def variable(name, query):
    return {"type": "query", "name": name, "datasource": SOURCE, "refresh": 2, "sort": 1, "hide": 0,
            "query": {"query": query, "refId": name}, "includeAll": False, "multi": False}


def panel(title, unit, about, queries, place):
    is_last = title.startswith("=")
    targets = [{"refId": chr(ord("A") + n), "datasource": SOURCE, "expr": query, "legendFormat": legend,
                "instant": is_last, "range": not is_last} for n, (legend, query) in enumerate(queries.items())]
    made = {"type": "stat" if is_last else "timeseries", "title": title.lstrip("="), "datasource": SOURCE,
            "gridPos": place, "targets": targets, "fieldConfig": {"defaults": {"unit": unit}, "overrides": []}}
    if not is_last:
        made["fieldConfig"]["defaults"] |= {"min": 0, "custom": {"fillOpacity": 10, "showPoints": "never"}}
        made["options"] = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []},
                           "tooltip": {"mode": "multi", "sort": "desc"}}
    return made | ({"description": about} if about else {})


def panels(rows):
    number, y = 0, 0
    for title, members in rows:
        number += 1
        yield {"type": "row", "id": number, "title": title, "collapsed": False, "panels": [],
               "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}}
        y += 1
        for n, (name, unit, about, queries) in enumerate(members):
            number += 1
            place = {"x": 8 * (n % 3), "y": y + 8 * (n // 3), "w": 8, "h": 8}
            yield {"id": number} | panel(name, unit, about, queries, place)
        y += 8 * ((len(members) + 2) // 3)


def dashboard(name, title, rows):
    variables = [{"type": "datasource", "name": "datasource", "query": "prometheus", "refresh": 1, "hide": 0,
                  "includeAll": False, "multi": False},
                 variable("namespace", 'label_values(up{inklog!=""}, namespace)'),
                 variable("inklog", 'label_values(up{namespace="$namespace",inklog!=""}, inklog)')]
    links = [{"type": "dashboards", "title": "inklog", "tags": ["inklog"], "asDropdown": True, "icon": "",
              "includeVars": True, "keepTime": True, "targetBlank": False, "tooltip": "", "url": ""}]
    return {"uid": f"inklog-{name}", "title": title, "tags": ["inklog"], "schemaVersion": 39, "editable": True,
            "refresh": "30s", "time": {"from": "now-6h", "to": "now"}, "timezone": "browser", "links": links,
            "templating": {"list": variables}, "annotations": {"list": []}, "panels": list(panels(rows))}


def queries(made):
    """Each query of a dashboard with the panel it is of, as Prometheus is asked."""
    for one in made["panels"]:
        for target in one.get("targets", []):
            yield f"{made['title']}: {one['title']}", target["expr"]


def main():
    root, wrong = pathlib.Path(sys.argv[1]), []
    known, folder = metrics.Metrics(root), root / "helm/inklog/dashboards"
    shown = set()
    for name, (title, rows) in DASHBOARDS.items():
        made = dashboard(name, title, rows)
        for where, query in queries(made):
            wrong += known.faults(where, query)
            shown |= {known.metric(series)[0] for series, _ in metrics.SELECTOR.findall(query)}
        text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
        path = folder / f"{name}.json"
        if "--write" in sys.argv:
            folder.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(f"{path} is not what dashboards.py makes: UPDATE_GOLDEN=1 make helm")
    wrong += [f"{path}: dashboards.py makes no such" for path in folder.glob("*.json") if path.stem not in DASHBOARDS]
    # What an operator has only to look up is in no graph.
    unshown = set(known.kinds) - shown - {"process_start_time_seconds", "http_request_body_bytes"}
    wrong += [f"{name} is in no dashboard" for name in sorted(unshown)]
    if len(known.kinds) < 20:
        wrong.append("docs/metrics.md cannot be read any more")
    sys.exit("\n".join(wrong) or 0)


if __name__ == "__main__":
    main()
