"""Made-up photographs, for tests."""

import io

from PIL import ExifTags, Image, ImageDraw

PLACE = "N-latitude-mark"


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A made-up picture: a shaded ground with shapes that depend on the seed."""
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(image)
    for n in range(12):
        x, y = (seed * 137 + n * 211) % size[0], (seed * 89 + n * 157) % size[1]
        draw.ellipse((x - 60, y - 60, x + 60, y + 60), fill=((seed * 53 + n * 29) % 255, (n * 83) % 255, 120))
    return image


def jpeg(image: Image.Image, quality: int = 90, exif: Image.Exif | None = None) -> bytes:
    """The picture as a JPEG file."""
    content = io.BytesIO()
    image.save(content, "JPEG", quality=quality, exif=exif.tobytes() if exif else b"")
    return content.getvalue()


def told(taken: str = "2021:03:02 09:00:00", turned: int = 1) -> Image.Exif:
    """EXIF with a day, a place and how the camera was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turned
    exif[ExifTags.Base.Make] = PLACE
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (39.0, 54.0, 0.0), 3: "E", 4: (116.0, 23.0, 0.0)})
    return exif
