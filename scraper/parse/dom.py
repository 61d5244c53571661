"""Strict questions to a document: so many matches or an alarm, never the first of whatever was there.

Hides selectolax: its self-matching selectors, and that its own `text` glues or splits words. Everything that does not
hold what it must raises `LayoutChanged`, naming the selector and the count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from scraper import urls
from scraper.errors import LayoutChanged

SILENT = frozenset({"script", "style", "noscript", "template"})
BREAKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
_NOT_INLINE = re.compile(rf"<(?:{'|'.join(sorted(SILENT | BREAKS))})\b")
_BLOCK_TAG = re.compile(
    r"<(/?)(?:address|article|aside|blockquote|center|div|dl|fieldset|figure|footer|form|header|main|nav|ol|section|ul)\b",
    re.IGNORECASE,
)
"""Those that are not ended by the next of their kind, and for each of which Lexbor goes up through all that are open."""
_DEEPEST = 20_000
_LONG = 100_000
"""Letters. A shorter page has 25,000 such tags at most: seconds, whatever they are."""
_ID = re.compile(r"#[A-Za-z][\w-]*", re.ASCII)
_LINE = "\x1e"
"""Marks a line break while text is gathered: white space to `collapse`, but told apart from the source's own."""


class Document:
    """The tree of a page, in which each selector is looked for once.

    Whole pages are searched for little but what a layout is known by, in its `fits` and again in its `read`, and a search of a page
    is 5 to 10 % of building its tree, whatever it finds. What was found is kept here and not with the tree: nodes
    hold their tree, so that neither would be freed before Python looks for such rings.
    """

    __slots__ = ("_found", "_ids", "tree")

    def __init__(self, tree: LexborHTMLParser) -> None:
        self.tree = tree
        self._found: dict[str, tuple[LexborNode, ...]] = {}
        self._ids: dict[str, list[LexborNode]] | None = None

    def every(self, selector: str) -> tuple[LexborNode, ...]:
        """All elements that match, in document order."""
        found = self._found.get(selector)
        if found is None:
            found = self._by_id(selector) if selector[0] == "#" else None
            if found is None:
                found = tuple(self.tree.css(selector))
            self._found[selector] = found
        return found

    def has(self, selector: str) -> bool:
        """Whether an element matches; the search ends with the first, unless all of them are known."""
        if selector in self._found or _ID.fullmatch(selector):
            return bool(self.every(selector))
        if self.first(selector) is not None:
            return True
        self._found[selector] = ()
        return False

    def first(self, selector: str) -> LexborNode | None:
        """The first element that matches: where one is enough, whatever others there are."""
        return self.tree.css_first(selector)

    @property
    def body(self) -> LexborNode | None:
        """The element of that name."""
        return self.tree.body

    def _by_id(self, selector: str) -> tuple[LexborNode, ...] | None:
        """What matches an id, or an id within another; None for any other selector."""
        if _ID.fullmatch(selector):
            return self._named(selector[1:])
        outer, _, inner = selector.partition(" ")
        if not (_ID.fullmatch(outer) and _ID.fullmatch(inner)):
            return None
        around = {node.mem_id for node in self.every(outer)}
        return tuple(node for node in self.every(inner) if any(each.mem_id in around for each in above(node)))

    def _named(self, name: str) -> tuple[LexborNode, ...] | None:
        """The elements of an id, from one search for all that have any; None where only a search can tell them.

        In pages without a doctype ids are compared without regard to case (HTML, quirks mode).
        """
        if self._ids is None:
            self._ids = {}
            for node in self.tree.css("[id]"):
                self._ids.setdefault((node.id or "").lower(), []).append(node)
        nodes = self._ids.get(name.lower(), [])
        return tuple(nodes) if all(node.id == name for node in nodes) else None


Node = Document | LexborNode
"""A whole document, or one element of it."""


def document(html: str) -> Document:
    """The tree of a page that was decoded by `decode` (never feed it bytes: it would read them as UTF-8).

    LayoutChanged for a page whose elements stand so deep in each other that its tree would take minutes.
    """
    if len(html) > _LONG and html.count("<") > _DEEPEST and (depth := _depth(html)) > _DEEPEST:
        raise LayoutChanged(f"elements stand {depth} deep in each other: no layout is for such a page")
    return Document(LexborHTMLParser(html))


def _depth(html: str) -> int:
    """How many block elements are open at most, for all that the tags say: as deep as the tree, or deeper."""
    depth = deepest = 0
    for tag in _BLOCK_TAG.finditer(html):
        depth = max(depth - 1, 0) if tag[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def one(node: Node, selector: str) -> LexborNode:
    """The only descendant that matches; LayoutChanged on none or several."""
    found = every(node, selector)
    if len(found) != 1:
        raise LayoutChanged(
            f"expected one {selector!r}, found {len(found)}: the template has changed, write a new layout"
        )
    return found[0]


def maybe(node: Node, selector: str) -> LexborNode | None:
    """The only descendant that matches, or None; LayoutChanged on several."""
    found = every(node, selector)
    if len(found) > 1:
        raise LayoutChanged(
            f"expected at most one {selector!r}, found {len(found)}: the template has changed, write a new layout"
        )
    return found[0] if found else None


def some(node: Node, selector: str) -> tuple[LexborNode, ...]:
    """All descendants that match, in document order; LayoutChanged when there is none."""
    found = every(node, selector)
    if not found:
        raise LayoutChanged(
            f"expected at least one {selector!r}, found none: the template has changed, write a new layout"
        )
    return found


def every(node: Node, selector: str) -> tuple[LexborNode, ...]:
    """All descendants that match, in document order; the node itself is not among them."""
    if isinstance(node, Document):
        return node.every(selector)
    # Most elements that are asked hold words and nothing else: told in a tenth of the time that a search takes to begin.
    if _only_words(node):
        return ()
    # Lexbor matches the node itself as well, which would make `one(row, "a")` on an `a` find its own row: it comes first,
    # as often as there are selectors in a list that it matches.
    found, itself = node.css(selector), node.mem_id
    own = 0
    while own < len(found) and found[own].mem_id == itself:
        own += 1
    return tuple(found[own:] if own else found)


def has(node: Node, selector: str) -> bool:
    """True when something matches: for signatures of layouts, where the number does not matter."""
    return node.has(selector) if isinstance(node, Document) else node.css_first(selector) is not None


def text(node: LexborNode, *, without: tuple[str, ...] = ()) -> str:
    """The text a reader sees, on one line.

    Inline elements are joined without inserting or losing a space (outlets put names into elements of their own:
    docs/sources.md, "Text form"); block elements and `<br>` are a space; scripts and styles are no text; runs of
    white space, `&nbsp;` and U+3000 are one space, none at the ends. Quotes and full-width digits stay as published.
    Descendants matching one of the selectors in `without` are left out.
    """
    if _only_words(node):
        words = node.first_child
        return collapse(words.text_content or "") if words is not None else ""
    if not without:
        inner = node.inner_html or ""
        # Most other paragraphs: Lexbor joins inline elements as we want it, in a tenth of the time.
        if "<" not in inner or not _NOT_INLINE.search(inner):
            return collapse(node.text())
    return collapse("".join(_pieces(node, without)))


def lines(node: LexborNode, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The text as `text` gives it, one string for each line that `<br>` or a block element makes, empty ones left out.

    For outlets that write paragraphs as lines of one element.
    """
    return tuple(line for line in map(collapse, "".join(_pieces(node, without)).split(_LINE)) if line)


def collapse(raw: str) -> str:
    """White space of any kind and length as one space, none at the ends."""
    return " ".join(raw.split())


def attribute(node: LexborNode, name: str) -> str:
    """An attribute's value, stripped; LayoutChanged when it is missing or empty."""
    value = (node.attributes.get(name) or "").strip()
    if not value:
        raise LayoutChanged(f"<{node.tag}> has no {name!r}: the template has changed, write a new layout")
    return value


def link(node: LexborNode, base: str, *, name: str = "href") -> str:
    """The canonical absolute URL in an attribute; LayoutChanged when it is missing or not an http(s) address."""
    value = attribute(node, name)
    try:
        return urls.canonical(value, base)
    except ValueError as error:
        raise LayoutChanged(f"<{node.tag}> has a {name} that is no address: {value[:80]!r}") from error


def distinct(nodes: Iterable[LexborNode], name: str = "href") -> tuple[LexborNode, ...]:
    """The first node for each value of an attribute, as far as they have it: pages repeat their links many times."""
    found: dict[str, LexborNode] = {}
    for node in nodes:
        value = node.attributes.get(name)
        if value:
            found.setdefault(value, node)
    return tuple(found.values())


def above(node: LexborNode) -> Iterator[LexborNode]:
    """The elements around a node, from near to far."""
    at = node.parent
    while at is not None:
        yield at
        at = at.parent


def _only_words(node: LexborNode) -> bool:
    """Whether an element holds no other: one run of text, or nothing."""
    child = node.first_child
    return child is None or (child.is_text_node and child.next is None)


def _pieces(node: LexborNode, without: tuple[str, ...]) -> list[str]:
    # Tags are known on the way. One list of the others: to begin a search takes longer than the search in most elements.
    silent = SILENT.union(name for name in without if name.isalpha())
    named = [name for name in without if not name.isalpha()]
    left_out = frozenset(found.mem_id for found in every(node, ", ".join(named))) if named else frozenset()
    pieces: list[str] = []
    # A stack instead of recursion: pages nest deeper than Python's limit when they are broken or hostile.
    stack: list[LexborNode | str | None] = [node.first_child]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            pieces.append(item)
        elif item is not None:
            stack.append(item.next)
            if item.is_text_node:
                pieces.append(item.text_content or "")
            elif item.is_element_node and (tag := item.tag) not in silent and item.mem_id not in left_out:
                if tag in BREAKS:
                    pieces.append(_LINE)
                    stack.append(_LINE)
                stack.append(item.first_child)
    return pieces
