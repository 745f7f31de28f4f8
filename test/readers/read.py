"""Holds reports against readers of others: python3 read.py DIR

DIR is the folder of the reports, internal/report. jsonschema holds the JSON reports against their schemas in docs. junitparser (which EnricoMi's publish-unit-test-result
action uses) reads the JUnit reports, and has to find what the JSON report of the same run
holds. The parser of prometheus_client, the reference for OpenMetrics, reads the metrics,
and shlex reads each line as GitLab does.
"""

import json
import pathlib
import shlex
import sys

from junitparser import JUnitXml
from jsonschema import Draft202012Validator
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from referencing import Registry, Resource


def wanted(run):
    """The number of cases of a run, or of all gates of a suite: all, failures, errors, skipped."""
    if "gates" in run:
        gates = [wanted(g["report"]) if g["report"] else (1, 0, int(g["exit_code"] != 0), int(g["exit_code"] == 0)) for g in run["gates"]]
        return tuple(map(sum, zip(*gates)))
    bad = run["verdict"] in ("fail", "error", "inconclusive")
    blocks = bad and run["exit_code"] != 0
    disarmed = not blocks and (run["soft_fail"] or run["verdict"] in ("error", "inconclusive"))
    outcomes = [c["outcome"] for c in run["criteria"] + run["calls"]]
    count = lambda *names: sum(outcomes.count(name) for name in names)
    below_bar = sum(c["outcome"] == "succeeded" and c["passed"] is False for c in run["calls"])
    bar = run["judged_by"]["pass_when"] or any(e["type"] == "Pass/Fail" for e in run["evals"])
    unsure = sum(bool(bar) and c["outcome"] == "succeeded" and c["passed"] is None for c in run["calls"])
    never_came = sum(s["counts"]["missing"] > 0 for s in run["scenarios"])  # a case each
    failures = count("not_met", "undecided", "failed") + below_bar
    errors = count("no_data", "cancelled", "open") + (run["verdict"] == "error")
    skipped = count("skipped", "lost") + unsure + never_came + (run["verdict"] == "skipped") + disarmed
    alone = (run["verdict"] in ("error", "skipped")) + disarmed + never_came
    return len(outcomes) + alone, failures, errors, skipped


def junit(path, run):
    suites = JUnitXml.fromfile(str(path))
    said = suites.tests, suites.failures, suites.errors
    suites.update_statistics()  # counts by itself
    found = suites.tests, suites.failures, suites.errors, suites.skipped
    want = wanted(run)
    if found != want or said != want[:3]:
        return f"junitparser reads {said} and finds {found}, want {want}"


def metrics(path, run):
    content = path.read_text()
    families = {f.name: f for f in text_string_to_metric_families(content)}
    samples = [s for f in families.values() for s in f.samples]
    gates = run.get("gates", [{"name": None, "report": run}])
    rates = [(g["name"], g["report"]["metrics"]["success_rate"]["value"]) for g in gates if g["report"]]
    found = [(s.labels.get("gate"), s.value) for s in samples if s.name == "agent_gate_success_rate_percent"]
    if found != [(name, round(rate, 4)) for name, rate in rates if rate is not None]:
        return f"the success rates are {found}, want {rates}"
    lines = [shlex.split(line.split("#")[0]) for line in content.splitlines()]
    if sum(len(line) == 2 for line in lines) != len(samples) or any(len(line) not in (0, 2) for line in lines):
        return "GitLab would read other lines"


def schemas(folder):
    """The validators of the JSON reports, by the value of their key schema."""
    docs = pathlib.Path(folder).parent.parent / "docs"
    read = [json.loads((docs / name).read_text()) for name in ("report.schema.json", "suite-report.schema.json")]
    registry = Registry().with_resources((s["$id"], Resource.from_contents(s)) for s in read)
    return {s["properties"]["schema"]["const"]: Draft202012Validator(s, registry=registry) for s in read}


def main(folder):
    failed = 0
    validators = schemas(folder)
    for path in sorted(pathlib.Path(folder, "jsonreport", "testdata").glob("*.json.golden")):
        run = json.loads(path.read_text())
        problem = next((e.message for e in validators[run["schema"]].iter_errors(run)), None)
        print(f"{path.name}: {problem or 'ok'}")
        failed += problem is not None
    reports = sorted(pathlib.Path(folder).rglob("*.xml.golden")) + sorted(pathlib.Path(folder).rglob("*.metrics.golden"))
    for path in reports:
        name, kind, _ = path.name.split(".")
        run = json.loads(pathlib.Path(folder, "jsonreport", "testdata", f"{name}.json.golden").read_text())
        problem = {"xml": junit, "metrics": metrics}[kind](path, run)
        print(f"{path.name}: {problem or 'ok'}")
        failed += problem is not None
    if failed or not reports:
        sys.exit(f"{failed} of {len(reports)} reports are read otherwise")


main(sys.argv[1])
