"""Pictures by their head."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from card_server.holders.image_size import image_size, mime_of
from tests.helpers.guests import jpeg_head, png

SIDES = st.integers(min_value=1, max_value=65_535)


@given(SIDES, SIDES)
def test_a_jpeg_tells_its_size(width: int, height: int) -> None:
    assert image_size(jpeg_head(width, height)) == (width, height)


def test_a_png_tells_its_size() -> None:
    assert image_size(png(3, 2)) == (3, 2)
    assert mime_of(png(3, 2)) == "image/png"
    assert mime_of(jpeg_head(1, 1)) == "image/jpeg"


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0", b"GIF89a", b"\xff\xd8\xff\xe0\xff\xff"],
)
def test_what_does_not_tell_its_size_has_none(content: bytes) -> None:
    assert image_size(content) is None


@given(st.binary(max_size=64))
def test_rubbish_behind_a_jpeg_s_mark_never_hangs_or_fails(rest: bytes) -> None:
    found = image_size(b"\xff\xd8\xff" + rest)
    assert found is None or len(found) == 2


def test_fill_bytes_and_lone_markers_are_stepped_over() -> None:
    head = jpeg_head(7, 5)
    assert image_size(head[:2] + b"\xff\x01\xff" + head[2:]) == (7, 5)
