"""Scrapy as its project template sets it up for one site at full speed, writing what it received with warcio."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.http import Request, Response
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.contenders.errand import errand

_RAW = 595
"""Between the network and Scrapy's decompression (590): what is archived is what was received."""


class WarcMiddleware:
    """Writes each response as it comes off the wire, body still encoded."""

    def __init__(self, path: str) -> None:
        self._file = open(path, "wb")  # noqa: PTH123, SIM115 - closed when the spider is
        self._writer = WARCWriter(self._file, gzip=True)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WarcMiddleware:
        """As Scrapy makes its middlewares."""
        return cls(crawler.settings["WARC_PATH"])

    def process_response(self, request: Request, response: Response) -> Response:
        """Write one record and pass the response on."""
        pairs = [(name.decode(), value.decode()) for name, values in response.headers.items() for value in values]
        head = StatusAndHeaders(f"{response.status} OK", pairs, protocol="HTTP/1.1")
        self._writer.write_record(
            self._writer.create_warc_record(
                request.url, "response", payload=io.BytesIO(response.body), http_headers=head
            )
        )
        return response


class ReadSpider(Spider):  # type: ignore[misc]  # Scrapy has no types here
    """Asks for every page."""

    name = "read"
    base = ""
    paths: tuple[str, ...] = ()

    async def start(self) -> AsyncIterator[Any]:
        """Ask for all of them; Scrapy spaces and schedules."""
        for path in self.paths:
            yield Request(f"{self.base}{path}", dont_filter=True)

    def parse(self, response: Response) -> None:
        """Nothing is read of a page."""


def main() -> None:
    """Fetch and keep all pages."""
    base, paths, directory = errand()
    settings = {
        "LOG_LEVEL": "WARNING",
        "CONCURRENT_REQUESTS": 16,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "ROBOTSTXT_OBEY": True,
        "TELNETCONSOLE_ENABLED": False,
        "DOWNLOADER_MIDDLEWARES": {WarcMiddleware: _RAW},
        "WARC_PATH": str(directory / "pages.warc.gz"),
    }
    process = CrawlerProcess(settings)
    process.crawl(ReadSpider, base=base, paths=tuple(paths))
    process.start()


if __name__ == "__main__":
    main()
