"""API sources: dlt's rest_api as declared in YAML; records land as documents, every digit as received."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from typing import Any

import dlt
import pyarrow as pa
from dlt.sources.rest_api import rest_api_resources

from clickstream.errors import UserError
from ingest.api_records import TEXT_KEY, Record
from ingest.api_session import ApiSession
from ingest.declarations import SourceTable

_SCHEMA = pa.schema([("payload", pa.string()), ("_source_file", pa.string()), ("_source_line", pa.int64())])
_SECRETS = {
    "bearer": ("token",),
    "api_key": ("api_key",),
    "http_basic": ("username", "password"),
    "oauth2_client_credentials": ("client_id", "client_secret"),
}
"""Per kind of auth, the fields that come from the environment when YAML does not give them."""


def is_configured(table: SourceTable) -> bool:
    """Whether the declaration names an API at all (its base_url may come from an unset variable)."""
    return bool(table.settings["client"].get("base_url"))


def api_resource(table: SourceTable, on_rows: Callable[[int], None]) -> Any:
    """The dlt resource that asks for what is new since the last load.

    Args:
        table: the declaration.
        on_rows: is told how many more records came.

    Raises:
        UserError: a secret is missing, or the settings are not as dlt documents them.
    """
    resource = copy.deepcopy(dict(table.settings["resource"]))
    endpoint = resource.get("endpoint")
    selector = endpoint.get("data_selector") if isinstance(endpoint, dict) else None
    client = {**copy.deepcopy(dict(table.settings["client"])), "session": ApiSession(selector)}
    for holder in (client, resource.get("endpoint")):
        if isinstance(holder, dict) and "auth" in holder:
            holder["auth"] = _with_secrets(holder["auth"], table)
    _keep_records_without_cursor(resource)
    records_name = f"{table.identifier}_records"
    config: dict[str, Any] = {
        "client": client,
        "resources": [{"primary_key": TEXT_KEY, **resource, "name": records_name}],
    }
    if "resource_defaults" in table.settings:
        config["resource_defaults"] = copy.deepcopy(dict(table.settings["resource_defaults"]))
    try:
        records = rest_api_resources(config)[0]  # type: ignore[arg-type]
    except UserError:
        raise
    except Exception as error:
        raise UserError(
            f"The rest_api settings are wrong: {str(error).splitlines()[0]}",
            where=f"{table.yaml_path}: {table.source_name}.{table.table_name}, config.meta.ingest",
            fix="Compare them with dlt's documentation of the REST API source.",
        ) from error
    records.selected = False
    return dlt.transformer(
        _rows(on_rows),
        data_from=records,
        name=table.identifier,
        write_disposition="append",
        columns={"_dlt_load_id": {"data_type": "text"}},
    )


def _rows(on_rows: Callable[[int], None]) -> Any:
    """A transformer's function: pages of records to Arrow rows, numbered from 1 within the load."""
    count = 0

    def rows(page: list[Any]) -> Iterator[pa.Table]:
        nonlocal count
        texts, urls = [], []
        for record in page:
            if not isinstance(record, Record):
                raise UserError(
                    f"A record is {type(record).__name__}, not an object of a list in the reply.",
                    where="resource.endpoint.data_selector",
                    fix="Let data_selector name the list that holds the records.",
                )
            texts.append(record.text)
            urls.append(record.url)
        numbers = pa.array(range(count + 1, count + 1 + len(texts)), pa.int64())
        count += len(texts)
        on_rows(len(texts))
        yield pa.table([pa.array(texts, pa.string()), pa.array(urls, pa.string()), numbers], schema=_SCHEMA)

    return rows


def _keep_records_without_cursor(resource: dict[str, Any]) -> None:
    """Load a record that lacks the cursor's field, unless YAML says otherwise; it must not stop a load."""
    endpoint = resource.get("endpoint")
    if not isinstance(endpoint, dict):
        return
    params = endpoint.get("params")
    for holder in (endpoint, *(params.values() if isinstance(params, dict) else ())):
        block = holder.get("incremental") if holder is endpoint else holder
        if isinstance(block, dict) and (holder is endpoint or block.get("type") == "incremental"):
            block.setdefault("on_cursor_value_missing", "include")


def _with_secrets(auth: Any, table: SourceTable) -> Any:
    """Complete an auth block with the secrets that YAML must not hold.

    They are read from `CLICKSTREAM_<SOURCE>_<FIELD>`, else as dlt does from `SOURCES__<SOURCE>__<FIELD>` or
    `[sources.<source>]` in .dlt/secrets.toml.
    """
    block: dict[str, Any] = {"type": auth} if isinstance(auth, str) else dict(auth)
    for name in _SECRETS.get(str(block.get("type", "bearer")), ()):
        if not block.get(name):
            block[name] = _secret(table.source_name, name, table)
    return block


def _secret(source_name: str, name: str, table: SourceTable) -> str:
    variable = f"CLICKSTREAM_{source_name}_{name}".upper()
    value = os.environ.get(variable) or dlt.secrets.get(f"sources.{source_name}.{name}", str)
    if not value:
        raise UserError(
            f"The {name} of the API is not set.",
            where=f"{table.yaml_path}: {table.source_name}.{table.table_name}, config.meta.ingest",
            fix=f"Set the environment variable {variable}, or {name} under [sources.{source_name}] in "
            ".dlt/secrets.toml.",
        )
    return str(value)
