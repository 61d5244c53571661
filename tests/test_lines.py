from __future__ import annotations

import pytest
from selectolax.lexbor import LexborNode

from scraper.parse import dom
from scraper.parse.lines import around, lines


def body(html: str) -> LexborNode:
    """The body of a document with this content."""
    return dom.one(dom.document(f"<html><body>{html}</body></html>"), "body")


def test_blocks_and_breaks_end_lines_and_inline_elements_do_not() -> None:
    """Words keep the spaces they were printed with, and no line is made of white space."""
    found = lines(
        body("<p>One <b>Name</b> , two</p> \n<div>&nbsp;</div>14 <sup>th</sup><br><br>last<script>x</script>")
    )
    assert [line.text for line in found] == ["One Name , two", "14 th", "last"]


def test_lines_know_their_links() -> None:
    """A line has the links it holds and the link it stands in; a link without words belongs to none."""
    found = lines(
        body("<a href=1><img src=x></a><p>a <a href=2>b</a> <a href=3> </a></p><a href=4><h4>c</h4><p>d</p></a>")
    )
    assert [(line.text, [dom.attribute(link, "href") for link in line.links]) for line in found] == [
        ("a b", ["2"]),
        ("c", ["4"]),
        ("d", ["4"]),
    ]


def test_lines_of_the_marked_element_are_told_apart() -> None:
    """Only what stands inside the marked element is inside."""
    root = body("<p>before</p><div id=m>own<p>inner</p></div><p>after</p>")
    found = lines(root, marked=dom.one(root, "#m"))
    assert [line.text for line in found if line.inside] == ["own", "inner"]
    assert all(line.inside for line in lines(dom.one(root, "#m"), marked=dom.one(root, "#m")))


def test_node_of_a_line_holds_its_first_word() -> None:
    """The element of a line is the one its words begin in."""
    (line,) = lines(body("<div> <em>word</em> more</div>"))
    assert line.node.tag == "em"


def test_hostile_depth_is_read() -> None:
    """A page nested deeper than Python's stack is no crash."""
    assert [line.text for line in lines(body("<i>" * 20_000 + "deep"))] == ["deep"]


MARKS = ("Date:", "More ")
PAGE = (
    "<nav><p>Menu</p></nav><div id=page><h1>Title</h1><div id=inner><span><p>Date: 1</p></span>"
    "<div id=text>Words</div></div><p>More of it</p></div><footer>Foot</footer>"
)


def test_around_is_the_smallest_block_with_every_mark_and_a_text_before_the_first() -> None:
    """What a layout looks for is inside, the page's menu and footer are not."""
    page = body(PAGE)
    assert around(dom.one(page, "#text"), MARKS).id == "page"
    assert around(dom.one(page, "#text"), ("1",)).id == "inner"
    assert around(dom.one(page, "#inner p"), ("Date:",)).id == "page"


@pytest.mark.parametrize("marks", [("Foot",), ("Menu",), ("nowhere",)])
def test_around_is_the_body_where_no_block_is_enough(marks: tuple[str, ...]) -> None:
    """A mark outside every block around the text, one with nothing before it, one that is not there: all is read."""
    assert around(dom.one(body(PAGE), "#text"), marks).tag == "body"


def test_lines_without_a_tag_still_end_where_it_stands() -> None:
    """What is passed over is no text, but it parts the lines before and after it."""
    found = lines(body("One<ul><li>Two</li></ul>Three <b>and</b> four"), without=frozenset({"li"}))
    assert [line.text for line in found] == ["One", "Three and four"]
