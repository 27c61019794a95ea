"""A dbt project of two models with the real hooks: enough to run the whole pipeline in a second or two."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from clickstream.settings import PROJECT

FILES = {
    "dbt_project.yml": """
name: toy
version: "1.0"
profile: clickstream
model-paths: [models]
macro-paths: [macros]
flags: {send_anonymous_usage_stats: false}
on-run-start: ["{{ create_operations_tables() }}", "{{ record_build_start() }}"]
on-run-end: ["{{ record_build_end(results) }}"]
models: {toy: {+materialized: table}}
""",
    "models/_web__sources.yml": """
sources:
  - name: web
    schema: raw_web
    tables:
      - name: views
        config:
          meta: {ingest: {kind: jsonl, path: "{{ env_var('TOY_VIEWS', 'inbox/*.jsonl') }}"}}
          loaded_at_field: to_timestamp(cast(_dlt_load_id as double))
          freshness: {warn_after: {count: 1, period: day}, error_after: {count: 2, period: day}}
""",
    "models/event_accounting.sql": """
{{ config(schema='operations') }}
select
    'web' as source_name, _source_file as source_file, count(*) as line_count, count(*) as event_count,
    0 as duplicate_count, 0 as quarantined_count, 0 as blank_count
from {{ source('web', 'views') }}
group by _source_file
""",
    "models/daily_product_page_views.sql": """
{{ config(schema='marts', meta={'publish_by': 'view_date'}) }}
select
    cast(payload ->> 'date' as date) as view_date,
    cast(payload ->> 'product' as integer) as product_id,
    count(*) as view_count,
    count(*) as session_count,
    count(*) as visitor_count
from {{ source('web', 'views') }}
group by all
""",
    "models/daily_product_page_views.yml": """
models:
  - name: daily_product_page_views
    columns:
      - name: product_id
        data_tests: [not_null]
""",
}


def write_project(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a project of these files (name → content), on the real profile if they hold none."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "profiles.yml", folder)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def create_project(folder: Path) -> Path:
    """Write the toy project, with the real hooks; returns its folder."""
    write_project(folder, FILES)
    for kind in ("hooks", "schema"):
        shutil.copytree(PROJECT / "macros" / kind, folder / "macros" / kind)
    return folder
