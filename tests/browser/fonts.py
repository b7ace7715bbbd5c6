"""The Japanese font of the browser tests and of ``script/screenshots``."""

from pathlib import Path

FONTS = Path(__file__).resolve().parents[2] / "mypage" / "adapters" / "fonts"

_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="pattern">
    <edit name="family" mode="assign" binding="strong"><string>BIZ UDPGothic</string></edit>
  </match>
</fontconfig>
"""


def font_environment(folder: Path) -> dict[str, str]:
    """Environment variables under which a browser draws every text with the committed font.

    ``folder`` (made if missing) takes the configuration and fontconfig's cache. One font for every family:
    otherwise pictures and measured widths would differ from machine to machine.
    """
    folder.mkdir(parents=True, exist_ok=True)
    conf = folder / "fonts.conf"
    conf.write_text(_CONF.format(fonts=FONTS, cache=folder / "cache"), encoding="utf-8")
    return {"FONTCONFIG_FILE": str(conf)}
