"""Zip files that no program writes: with names, sizes and packings that lie or are damaged."""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

STORED, DEFLATED, BZIP2, LZMA = 0, 8, 12, 14


@dataclass(frozen=True)
class Member:
    """A file of a zip. What is None is told as it is; everything else is claimed."""

    name: str | bytes
    data: bytes = b""
    method: int = DEFLATED
    packed: bytes | None = None
    size: int | None = None  # unpacked
    packed_size: int | None = None
    crc: int | None = None
    flags: int = 0x800  # the name is UTF-8
    mode: int = 0o100644
    local_name: str | bytes | None = None
    zip64: int | None = None  # the unpacked size that is claimed in 64 bits


def packed_by(method: int, data: bytes) -> bytes:
    """As a zip holds it."""
    if method == DEFLATED:
        deflating = zlib.compressobj(6, zlib.DEFLATED, -15)
        return deflating.compress(data) + deflating.flush()
    if method == BZIP2:
        return bz2.compress(data)
    if method == LZMA:
        filters = [{"id": lzma.FILTER_LZMA1}]
        properties = lzma._encode_filter_properties(filters[0])  # type: ignore[attr-defined]
        made = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=filters)
        head = struct.pack("<BBH", 9, 4, len(properties)) + properties
        return head + made.compress(data) + made.flush()
    return data


def zip_of(*members: Member, comment: bytes = b"") -> bytes:
    """A zip file of these, whatever they claim."""
    body, listed = bytearray(), bytearray()
    for one in members:
        name = one.name if isinstance(one.name, bytes) else one.name.encode()
        local = name if one.local_name is None else one.local_name
        local = local if isinstance(local, bytes) else local.encode()
        packed = packed_by(one.method, one.data) if one.packed is None else one.packed
        size = len(one.data) if one.size is None else one.size
        packed_size = len(packed) if one.packed_size is None else one.packed_size
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        extra = b""
        if one.zip64 is not None:
            extra, size = struct.pack("<HHQ", 1, 8, one.zip64), 0xFFFFFFFF
        common = struct.pack(
            "<5H3L2H", 45, one.flags, one.method, 0, 0, crc, packed_size, size, len(name),
            len(extra),
        )  # fmt: skip
        place = len(body)
        its_own = common[:22] + struct.pack("<2H", len(local), len(extra))
        body += b"PK\x03\x04" + its_own + local + extra + packed
        listed += b"PK\x01\x02" + struct.pack("<BB", 45, 3) + common
        listed += struct.pack("<3H2L", 0, 0, 0, (one.mode & 0xFFFF) << 16, place) + name + extra
    count = min(len(members), 0xFFFF)
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(listed), len(body), len(comment)
    )
    return bytes(body + listed + end + comment)


def long_list(files: int) -> bytes:
    """A zip that lists one file very many times."""
    one = zip_of(Member("n"))
    start = one.index(b"PK\x01\x02")
    listed = one[start:-22] * files
    count = min(files, 0xFFFF)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(listed), start, 0)
    return one[:start] + listed + end


def damaged(raw: bytes, places: Sequence[int]) -> bytes:
    """The same with other bytes at these places, counted around and around."""
    changed = bytearray(raw)
    for place in places:
        changed[place % len(changed)] ^= 0x55
    return bytes(changed)


# --- any at all -----------------------------------------------------------------------------------

_NAMES = st.one_of(
    st.sampled_from(
        ["", ".", "..", "/", "//", "\\", "a/../b.ipynb", "C:x.ipynb", "hw.ipynb", "HW.ipynb",
         "a/hw.ipynb", "__MACOSX/._hw.ipynb", ".hidden.ipynb", "deep.zip", "timestamp.txt",
         "x" * 60_000 + ".ipynb", "a/" * 20_000 + "x.ipynb", "neighbour.ipynb", "\0.ipynb"]
    ),
    st.text(max_size=20),
    st.text(max_size=20).map(lambda text: text + ".ipynb"),
    st.binary(max_size=20),
)  # fmt: skip


def _sizes(most: int) -> st.SearchStrategy[int | None]:
    return st.none() | st.none() | st.integers(0, most)


def members(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[Member]:
    """Any file of a zip: honest, lying, or with a packing that is not what it says."""
    return st.builds(
        Member,
        name=_NAMES,
        data=data,
        method=st.sampled_from([STORED, DEFLATED, BZIP2, LZMA, LZMA, 9, 99]),
        packed=st.none() | st.none() | st.binary(max_size=200),
        size=_sizes(2**32 - 1),
        packed_size=_sizes(2**32 - 1),
        crc=_sizes(2**32 - 1),
        flags=st.sampled_from([0x800, 0x800, 0x800, 0, 0x801, 0x808, 0x820, 0x840]),
        mode=st.sampled_from([0o100644, 0o100644, 0o120777, 0o010644, 0o040755]),
        local_name=st.none() | st.none() | st.binary(max_size=20),
        zip64=_sizes(2**64 - 1),
    )


def hostile_zips(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Any zip file, whole, damaged, cut off, or none at all."""
    make: Callable[[list[Member], bytes], bytes] = lambda some, comment: zip_of(  # noqa: E731
        *some, comment=comment
    )
    whole = st.builds(make, st.lists(members(data), max_size=6), st.binary(max_size=40))
    places = st.lists(st.integers(0, 2**20), max_size=12)
    broken = st.builds(damaged, whole, places)
    cut = st.builds(lambda raw, end: raw[: end % (len(raw) + 1)], whole, st.integers(0, 2**20))
    return st.one_of(whole, broken, broken, cut, st.binary(max_size=100))
