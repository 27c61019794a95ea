"""The worked examples of the README, taken from the README itself and run on small files."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import duckdb
import pytest
from pipeline_support import copy_project, succeeded

from clickstream.pipeline import run
from clickstream.settings import PROJECT, Home

ACCESS_LOG = """\
203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /product/42?utm_source=m HTTP/1.1" 200 9 "-" "Mozilla/5.0"
203.0.113.9 - - [17/May/2015:10:05:03 +0000] "GET /product/42?utm_source=m HTTP/1.1" 200 9 "-" "Mozilla/5.0"
203.0.113.9 - ann [17/May/2015:23:59:59 -0200] "GET / HTTP/1.1" 304 - "http://a.example/" "Mozilla/5.0"
203.0.113.9 - - [17/May/2015:10:06:00 +0000] "GET /robots.txt HTTP/1.1" 200 12 "-" "Mozilla/5.0 (cut of
203.0.113.9 - - [17/May/2015:10:07:00 +0000] "POST /cart HTTP/1.1" 200 5 "-" "-"
shop.example:443 2001:db8::1 - - [18/May/2015:00:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "A \\"b\\" c" "-" 0
2001:db8::1 - bob smith [18/May/2015:00:00:01 +0000] "GET /b"quoted" HTTP/1.0" 200 5
"""
REQUEST = (
    '{"time": "17/May/2015:08:05:32 +0000", "remote_ip": "203.0.113.7", "remote_user": "-", '
    '"request": "GET /product/8 HTTP/1.1", "response": 304, "bytes": 0, "referrer": "-", "agent": "M"}'
)
NGINX = "\n".join([REQUEST, REQUEST, REQUEST.replace("304", "404"), REQUEST[:28], ""])
ACTIONS = """\
event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde
2019-10-01 00:00:00 UTC,view,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde
2019-10-01 00:00:01 UTC,cart,44600062,2103807459595387724,,shiseido,35.79,541312140,72d76fde
2019-10-01 00:00:02 UTC,view,,,,,,541312140,72d76fde
"""
HITS = """\
url,hit_id,hit_time,visit,customer
https://partner.example/products/7/red,h1,2015-05-17 10:00:00,v1,
https://partner.example/products/7/red,h1,2015-05-17 10:00:00,v1,
https://partner.example/,h2,2015-05-18 00:00:00,v1,c9
https://partner.example/,,2015-05-18 00:00:01,v1,c9
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the dbt project with the README's files added and its models listed."""
    folder = copy_project(tmp_path / "project")
    texts = "\n".join(
        (PROJECT / page).read_text(encoding="utf-8") for page in ("README.md", "docs/recipes.md")
    )
    written = re.findall(r"^`(models/[^`]+)`:\n\n```(?:yaml|sql)\n(.*?)^```$", texts, re.M | re.S)
    assert len(written) == 8
    for path, text in written:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    settings = folder / "dbt_project.yml"
    old = "event_sources: [stg_clickstream__events]"
    assert old in settings.read_text(encoding="utf-8")
    added = [Path(path).stem for path, _ in written if path.endswith(".sql")]
    listed = f"event_sources: [stg_clickstream__events, {', '.join(added)}]"
    settings.write_text(settings.read_text(encoding="utf-8").replace(old, listed), encoding="utf-8")
    return folder


def test_sources_added_as_the_readme_says_count_every_line(home: Home, project: Path) -> None:
    inbox = home.root / "data" / "inbox"
    (inbox / "access").mkdir(parents=True)
    for name in ("partner", "nginx", "behaviour"):
        (inbox / name).mkdir()
    # The rotated files hold parts of the live one: each line counts once, the real repeat stays.
    (inbox / "access" / "access.log").write_text(ACCESS_LOG)
    (inbox / "access" / "access.log.1").write_text("".join(ACCESS_LOG.splitlines(keepends=True)[:3]))
    older = "".join(ACCESS_LOG.splitlines(keepends=True)[1:3])
    (inbox / "access" / "access.log.2.gz").write_bytes(gzip.compress(older.encode()))
    (inbox / "partner" / "hits.csv").write_text(HITS)
    (inbox / "nginx" / "access.json").write_text(NGINX)
    (inbox / "behaviour" / "october.csv").write_text(ACTIONS)
    # An overlapping export with a column more: what it repeats counts once.
    more = [line + (",note" if number == 0 else ",") for number, line in enumerate(ACTIONS.splitlines()[:4])]
    (inbox / "behaviour" / "october-2.csv").write_text("\n".join(more) + "\n")

    outcome = run(home, folder=project)

    assert succeeded(outcome)
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        accounting = connection.execute(
            "select source_name, sum(line_count), sum(skipped_line_count), sum(event_count), "
            "sum(duplicate_count), sum(quarantined_count) "
            "from operations.event_accounting group by all order by all"
        ).fetchall()
        assert accounting == [
            ("behaviour", 9, 2, 3, 3, 1),
            ("nginx", 4, 0, 3, 0, 1),
            ("partner", 5, 1, 2, 1, 1),
            ("web", 12, 0, 6, 5, 1),
        ]
        quarantined = connection.execute(
            "select source_name, source_line, reasons from operations.quarantined_events order by all"
        ).fetchall()
        assert quarantined == [
            ("behaviour", 5, ["missing_page"]),
            ("nginx", 4, ["invalid_json"]),
            ("partner", 5, ["missing_event_id"]),
            ("web", 4, ["not_a_log_line"]),
        ]
        views = connection.execute(
            "select view_date::varchar, product_id, view_count "
            "from marts.daily_product_page_views order by all"
        ).fetchall()
        assert views == [
            ("2015-05-17", 7, 1),
            ("2015-05-17", 8, 2),
            ("2015-05-17", 42, 2),
            ("2019-10-01", 44600062, 2),
        ]
        days = connection.execute(
            "select event_date::varchar, count(*) from normalized.events where source_name = 'web' "
            "group by all order by all"
        ).fetchall()
        assert days == [("2015-05-17", 3), ("2015-05-18", 3)]
        parts = connection.execute(
            "select ip_address, user_id, page_path, user_agent from normalized.events "
            "where ip_address = '2001:db8::1' order by event_at"
        ).fetchall()
        assert parts == [
            ("2001:db8::1", None, "/a", 'A \\"b\\" c'),
            ("2001:db8::1", "bob smith", '/b"quoted"', None),
        ]
