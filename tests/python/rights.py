"""Rights that count for root too: the tests may run as root, whom no mode of a file stops."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_VERSION_3 = 0x20080522
_OVERRIDES = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, by which root reads and writes what its mode forbids."""


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Set(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


@contextmanager
def modes_count() -> Iterator[None]:
    """Let file modes stop this thread, and the threads it starts, also when it is root's."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = _Header(_VERSION_3, 0)
    held = (_Set * 2)()
    if libc.capget(ctypes.byref(header), ctypes.byref(held)):
        raise OSError(ctypes.get_errno(), "capget")
    without = (_Set * 2).from_buffer_copy(held)
    without[0].effective &= ~_OVERRIDES
    if libc.capset(ctypes.byref(header), ctypes.byref(without)):
        raise OSError(ctypes.get_errno(), "capset")
    try:
        yield
    finally:
        if libc.capset(ctypes.byref(header), ctypes.byref(held)):
            raise OSError(ctypes.get_errno(), "capset")
