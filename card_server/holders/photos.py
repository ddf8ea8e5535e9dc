"""Pictures of guests: what is accepted, and the small one for the till (domain 1.3)."""

from __future__ import annotations

import base64
import binascii
import io
from typing import TYPE_CHECKING, Final

import msgspec

from card_server.holders.image_size import image_size, mime_of
from card_server.holders.records import Photo
from shared.wire.errors import AppError, ErrorCode

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST: Final = 512 * 1024
LARGEST_THUMB: Final = 64 * 1024
MOST_PIXELS: Final = 40_000_000
SIDES: Final = (640, 480, 320, 160)
QUALITY: Final = 85


def read_photo(text: str) -> Photo:
    """A picture from base64; IMAGE_REFUSED with the reason."""
    if len(text) > LARGEST * 2:
        raise AppError(ErrorCode.IMAGE_REFUSED, reason=f"> {LARGEST // 1024} KiB")
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AppError(ErrorCode.IMAGE_REFUSED, reason="base64") from error
    return make_photo(content)


def make_photo(content: bytes) -> Photo:
    """A picture with its small copy; IMAGE_REFUSED with the reason."""
    if len(content) > LARGEST:
        raise AppError(ErrorCode.IMAGE_REFUSED, reason=f"> {LARGEST // 1024} KiB")
    mime = mime_of(content)
    if mime is None or image_size(content) is None:
        raise AppError(ErrorCode.IMAGE_REFUSED, reason="JPEG, PNG")
    return Photo(mime=mime, content=content, thumb=thumb_of(content, mime))


def thumb_of(content: bytes, mime: str) -> bytes:
    """A JPEG of at most 64 KiB, as large as that allows; the picture itself where it fits.

    Raises IMAGE_REFUSED for what cannot be read as a picture, or has more pixels than a photo.
    """
    if len(content) <= LARGEST_THUMB and mime == "image/jpeg":
        _opened(content)
        return content
    picture = _opened(content).convert("RGB")
    for side in SIDES:
        small = picture.copy()
        small.thumbnail((side, side))
        packed = io.BytesIO()
        small.save(packed, "JPEG", quality=QUALITY)
        if packed.tell() <= LARGEST_THUMB:
            return packed.getvalue()
    raise AppError(ErrorCode.IMAGE_REFUSED, reason=f"> {LARGEST_THUMB // 1024} KiB")


def _opened(content: bytes) -> Image:
    from PIL import Image  # noqa: PLC0415 - the port is to answer before the library is loaded

    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        if picture.width * picture.height > MOST_PIXELS:
            raise AppError(ErrorCode.IMAGE_REFUSED, reason=f"> {MOST_PIXELS} px")
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AppError(ErrorCode.IMAGE_REFUSED, reason="JPEG, PNG") from error
    return picture


class ImageFormat(msgspec.Struct, kw_only=True, frozen=True):
    """How a program wants pictures: the original, or a JPEG inside these bounds (8.1)."""

    width: int | None = None
    height: int | None = None
    compression: int | None = None
    """Quality of the JPEG, 1 to 100; None leaves the usual one."""

    @property
    def is_original(self) -> bool:
        """Nothing is to be changed."""
        return self.width is None and self.height is None and self.compression is None


def shaped(photo: Photo, wanted: ImageFormat) -> Photo:
    """The picture as a JPEG no larger than asked for; what cannot be read stays as it is."""
    if wanted.is_original:
        return photo
    try:
        picture = _opened(photo.content).convert("RGB")
    except AppError:
        return photo
    bounds = (wanted.width or picture.width, wanted.height or picture.height)
    picture.thumbnail(bounds)
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=min(100, max(1, wanted.compression or QUALITY)))
    return Photo(mime="image/jpeg", content=packed.getvalue(), thumb=photo.thumb)
