#!/usr/bin/env python3
"""Makes seshat.ndjson, saved objects for OpenSearch Dashboards 2.x, from definition.json.

    generate.py            writes seshat.ndjson beside this file
    generate.py --check    says whether the file is what would be written (status 1: it is not)

Nested fields cannot be aggregated in Dashboards' visualisations, so everything here rests on the fields of the document
itself; "kv" finds any metadata in the query bar (kv : "rig=bench-1").
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
INDEX_ID = "seshat-index"
CONTROLS_ID = "seshat-filters"
DASHBOARD_ID = "seshat-dashboard"
# The last versions in which OpenSearch Dashboards changed each type; newer ones are refused by older servers.
MIGRATIONS = {"index-pattern": "7.6.0", "search": "7.9.3", "visualization": "7.10.0", "dashboard": "7.9.3"}
INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
WIDTH = 48  # columns of a dashboard


def text(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def saved(kind, identity, attributes, references):
    return {
        "attributes": attributes,
        "id": identity,
        "migrationVersion": {kind: MIGRATIONS[kind]},
        "references": references,
        "type": kind,
    }


def to_index(name=INDEX_REFERENCE):
    return {"id": INDEX_ID, "name": name, "type": "index-pattern"}


def search_source(indexed=True):
    source = {"filter": [], "query": {"language": "kuery", "query": ""}}
    if indexed:
        source["indexRefName"] = INDEX_REFERENCE
    return {"searchSourceJSON": text(source)}


def index_pattern(definition):
    not_aggregatable = {"kv"}
    fields = [
        {
            "aggregatable": name not in not_aggregatable,
            "name": name,
            "readFromDocValues": name not in not_aggregatable,
            "searchable": True,
            "type": kind,
        }
        for name, kind in sorted(definition["fields"].items())
    ]
    formats = {"bytes": {"id": "bytes"}}
    attributes = {
        "fieldFormatMap": text(formats),
        "fields": text(fields),
        "timeFieldName": definition["time_field"],
        "title": definition["index"],
    }
    return saved("index-pattern", INDEX_ID, attributes, [])


def saved_search(definition):
    search = definition["search"]
    attributes = {
        "columns": search["columns"],
        "kibanaSavedObjectMeta": search_source(),
        "sort": [[definition["time_field"], "desc"]],
        "title": search["title"],
        "version": 1,
    }
    return saved("search", search["id"], attributes, [to_index()])


def terms(identity, field, schema, size=20):
    params = {"field": field, "missingBucket": False, "order": "desc", "orderBy": "1", "otherBucket": False, "size": size}
    return {"enabled": True, "id": identity, "params": params, "schema": schema, "type": "terms"}


def visualisation(definition, panel):
    count = {"enabled": True, "id": "1", "params": {}, "schema": "metric", "type": "count"}
    if panel["kind"] == "metric":
        total = {"enabled": True, "id": "2", "params": {"field": panel["sum"]}, "schema": "metric", "type": "sum"}
        state = {"aggs": [count, total], "params": {"addTooltip": True, "type": "metric"}, "type": "metric"}
    elif panel["kind"] == "histogram":
        over = {"field": definition["time_field"], "interval": "auto", "min_doc_count": 0}
        when = {"enabled": True, "id": "2", "params": over, "schema": "segment", "type": "date_histogram"}
        state = {
            "aggs": [count, when, terms("3", panel["by"], "group")],
            "params": {"addLegend": True, "addTooltip": True, "type": "histogram"},
            "type": "histogram",
        }
    elif panel["kind"] == "pie":
        state = {
            "aggs": [count, terms("2", panel["field"], "segment")],
            "params": {"addLegend": True, "addTooltip": True, "isDonut": True, "type": "pie"},
            "type": "pie",
        }
    elif panel["kind"] == "table":
        state = {
            "aggs": [count, terms("2", panel["field"], "bucket", 100)],
            "params": {"perPage": 20, "showTotal": False},
            "type": "table",
        }
    else:
        raise ValueError(f"unknown kind of panel: {panel['kind']}")
    state["title"] = panel["title"]
    attributes = {
        "kibanaSavedObjectMeta": search_source(),
        "title": panel["title"],
        "uiStateJSON": "{}",
        "version": 1,
        "visState": text(state),
    }
    return saved("visualization", panel["id"], attributes, [to_index()])


def filters(definition):
    controls = []
    references = []
    for number, control in enumerate(definition["controls"]):
        name = f"control_{number}_index_pattern"
        references.append(to_index(name))
        controls.append(
            {
                "fieldName": control["field"],
                "id": f"seshat-control-{number}",
                "indexPatternRefName": name,
                "label": control["label"],
                "options": {"dynamicOptions": True, "multiselect": True, "order": "desc", "size": 100, "type": "terms"},
                "parent": "",
                "type": "list",
            }
        )
    title = f"{definition['title']}: filters"
    params = {"controls": controls, "pinFilters": False, "updateFiltersOnChange": True, "useTimeFilter": False}
    state = {"aggs": [], "params": params, "title": title, "type": "input_control_vis"}
    attributes = {
        "kibanaSavedObjectMeta": search_source(indexed=False),
        "title": title,
        "uiStateJSON": "{}",
        "version": 1,
        "visState": text(state),
    }
    return saved("visualization", CONTROLS_ID, attributes, references)


def dashboard(definition):
    panels = []
    references = []

    def add(kind, identity, x, y, width, height):
        name = f"panel_{len(panels)}"
        references.append({"id": identity, "name": name, "type": kind})
        place = {"h": height, "i": str(len(panels)), "w": width, "x": x, "y": y}
        panels.append(
            {"embeddableConfig": {}, "gridData": place, "panelIndex": place["i"], "panelRefName": name, "version": "2.19.1"}
        )

    add("visualization", CONTROLS_ID, 0, 0, WIDTH, 7)
    half = WIDTH // 2
    for number, panel in enumerate(definition["panels"]):
        add("visualization", panel["id"], half * (number % 2), 7 + 15 * (number // 2), half, 15)
    below = 7 + 15 * ((len(definition["panels"]) + 1) // 2)
    add("search", definition["search"]["id"], 0, below, WIDTH, 25)
    attributes = {
        "description": "What the lab has recorded: filters above, sessions below.",
        "hits": 0,
        "kibanaSavedObjectMeta": search_source(indexed=False),
        "optionsJSON": text({"hidePanelTitles": False, "useMargins": True}),
        "panelsJSON": text(panels),
        "refreshInterval": {"pause": True, "value": 0},
        "timeFrom": "now-1y",
        "timeRestore": True,
        "timeTo": "now",
        "title": definition["title"],
        "version": 1,
    }
    return saved("dashboard", DASHBOARD_ID, attributes, references)


def main():
    definition = json.loads((HERE / "definition.json").read_text(encoding="utf-8"))
    objects = [index_pattern(definition), saved_search(definition), filters(definition)]
    objects += [visualisation(definition, panel) for panel in definition["panels"]]
    objects.append(dashboard(definition))
    made = "".join(text(each) + "\n" for each in objects)
    target = HERE / "seshat.ndjson"
    if sys.argv[1:] == ["--check"]:
        same = target.exists() and target.read_text(encoding="utf-8") == made
        if not same:
            sys.exit(f"{target.name} is not what generate.py makes of definition.json: run it again")
    else:
        target.write_text(made, encoding="utf-8")


main()
