"""How profiles.yml's settings were chosen: a day of core under other settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.data import sample
from bench.homes import new_place, remove, shop
from bench.measure import Measured
from bench.results import summarize
from bench.settings import Scale

Say = Callable[[str], None]


@dataclass(frozen=True)
class Variant:
    """Settings that differ from those of profiles.yml.

    Args:
        title: what differs.
        env: variables of the run.
        profile: text of profiles.yml -> what stands there instead.
    """

    title: str
    env: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, str] = field(default_factory=dict)


VARIANTS = (
    Variant("as it is"),
    Variant("one model at a time", profile={"'CLICKSTREAM_THREADS', '2'": "'CLICKSTREAM_THREADS', '1'"}),
    Variant("one thread", env={"CLICKSTREAM_THREADS": "1"}),
    Variant("512 MB for DuckDB", env={"CLICKSTREAM_MEMORY_LIMIT": "512MB"}),
    Variant("4 GB for DuckDB", env={"CLICKSTREAM_MEMORY_LIMIT": "4GB"}),
    Variant(
        "order of rows not kept",
        profile={"TimeZone: UTC": "TimeZone: UTC\n        preserve_insertion_order: false"},
    ),
)


def settings(scale: Scale, runs: int, say: Say) -> dict[str, Any]:
    """The day of T1, core, with one setting changed at a time; by turns, because a machine's speed changes.

    Raises:
        ValueError: profiles.yml no longer holds a text that a variant changes.
    """
    folder = sample(scale.day, 1)
    measured: dict[str, list[Measured]] = {variant.title: [] for variant in VARIANTS}
    for number in range(1, runs + 1):
        for variant in VARIANTS:
            say(f"settings: {variant.title}, {number} of {runs}")
            with shop(folder) as env:
                place = new_place("settings", sample=folder, core=True, env={**env, **variant.env})
                profile = place.project / "profiles.yml"
                profile.write_text(changed(profile.read_text("utf-8"), variant), encoding="utf-8")
                measured[variant.title].append(place.run())
            remove(place)
    return {
        "events": scale.day,
        "variants": [{"title": title, **summarize(found)} for title, found in measured.items()],
    }


def changed(text: str, variant: Variant) -> str:
    """A profiles.yml as the variant wants it.

    Raises:
        ValueError: it does not hold the text that the variant changes.
    """
    for old, new in variant.profile.items():
        if old not in text:
            raise ValueError(f"profiles.yml holds no {old!r}: correct the variant {variant.title!r}.")
        text = text.replace(old, new)
    return text
