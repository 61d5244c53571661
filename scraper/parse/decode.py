"""Bytes to text: which of the declared encodings a page is really read with.

Hides the order of declarations (WHATWG Encoding and HTML standards, "determining the character encoding") and the
labels browsers understand. selectolax reads bytes as UTF-8, so everything is decoded here before it sees it.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain

from scraper.model import Page

_PRESCAN = 16 * 1024
"""Bytes searched for a declaration: more than the standard's 1024, as archived copies carry scripts before it."""

_LABELS = {
    "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 utf-8 utf8 x-unicode20utf8",
    # GBK and GB 2312 pages use characters of GB 18030, which holds both.
    "gb18030": "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk gb18030",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    # Browsers read EUC-KR as its superset, the Windows code page.
    "cp949": "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
    "windows-949 cp949",
    "cp932": "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "euc_jp": "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "iso2022_jp": "csiso2022jp iso-2022-jp",
    "cp1252": "ansi_x3.4-1968 ascii cp1252 cp819 csisolatin1 ibm819 iso-8859-1 iso-ir-100 iso8859-1 iso88591 "
    "iso_8859-1 iso_8859-1:1987 l1 latin1 us-ascii windows-1252 x-cp1252 x-user-defined",
    "cp1250": "cp1250 windows-1250 x-cp1250",
    "cp1251": "cp1251 windows-1251 x-cp1251",
    "iso8859_2": "csisolatin2 iso-8859-2 iso8859-2 iso_8859-2 l2 latin2",
    "iso8859_5": "csisolatincyrillic cyrillic iso-8859-5 iso8859-5 iso_8859-5",
    "iso8859_15": "csisolatin9 iso-8859-15 iso8859-15 l9",
    "koi8_r": "cskoi8r koi koi8 koi8-r koi8_r",
    "koi8_u": "koi8-ru koi8-u",
    "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "utf-16-be": "unicodefffe utf-16be",
}
_CODECS = {label: codec for codec, labels in _LABELS.items() for label in labels.split()}

_MANY_BYTES = frozenset({"gb18030", "big5hkscs", "cp949", "cp932", "euc_jp"})
"""Codecs with signs of several bytes, none of which is a line feed, and without a state between signs."""

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([^\s"';,]+)""", re.IGNORECASE)
_XML_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]+)["']""")
_META_CHARSET = re.compile(rb"""<meta\s[^>]*?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]+)""", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)


def decode(page: Page) -> str:
    """The text of a page's body; never raises: what does not decode becomes U+FFFD.

    The first of these that names a known encoding decides: byte order mark, charset of the Content-Type header, XML
    declaration or meta element, UTF-8 (WHATWG Encoding standard §4.2 and HTML §13.2.3). gb2312 and gbk are read as
    gb18030, euc-kr as Windows-949, iso-8859-1 as Windows-1252.
    """
    for mark, codec in _BOMS:
        if page.body.startswith(mark):
            return page.body[len(mark) :].decode(codec, errors="replace")
    return _read(page.body, _declared(page))


def codec_of(label: str) -> str | None:
    """The Python codec for a label of the WHATWG Encoding standard; None for one that is not known."""
    return _CODECS.get(label.strip().lower())


def _read(body: bytes, codec: str) -> str:
    if codec in _MANY_BYTES:
        try:
            # Python reads ASCII with these a byte at a time, which takes half as long as the tree: markup is mostly ASCII.
            return "\n".join([line.decode("ascii" if line.isascii() else codec) for line in body.split(b"\n")])
        except UnicodeDecodeError:
            pass  # Where a line ends in the middle of a sign, what is replaced depends on the next one.
    return body.decode(codec, errors="replace")


def _declared(page: Page) -> str:
    header = _HTTP_CHARSET.search(page.header("content-type") or "")
    if header and (codec := codec_of(header.group(1))):
        return codec
    head = _COMMENT.sub(b"", page.body[:_PRESCAN])
    for match in chain(_XML_DECLARATION.finditer(head), _META_CHARSET.finditer(head)):
        codec = codec_of(match.group(1).decode("ascii"))
        if codec:
            # A declaration that could be read as ASCII is not UTF-16, whatever it says (HTML §13.2.3.2).
            return "utf-8" if codec.startswith("utf-16") else codec
    return "utf-8"
