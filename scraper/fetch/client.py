"""`Fetcher.get`: one page, asked for politely, with every hop and every attempt recorded before anything else.

Hides the order of the rules: scope, robots, pace, attempt, record, redirect, retry. Each hop of a redirect chain passes
all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from scraper import urls
from scraper.errors import FetchError, Refused, Throttled, Transient
from scraper.fetch import guard
from scraper.fetch.attempt import Ask, carry_out
from scraper.fetch.budget import Budget, InFlight
from scraper.fetch.dial import Lookup, Route, system_lookup
from scraper.fetch.pace import Pace, pause, take_turn
from scraper.fetch.redirects import next_hop
from scraper.fetch.retry import retrying, stop_asked
from scraper.fetch.robots import Explanation, Robots, RobotsCache, robots_url
from scraper.fetch.robots_rules import suspicion
from scraper.fetch.session import Sessions
from scraper.fetch.transport import Transport
from scraper.model import Capture, Channel, Exchange, Failure, Network, Reason, Request, Role, Source
from scraper.policy.pace import Limits, Outcome, Spent, limits_of

if TYPE_CHECKING:
    from scraper.clock import Clock
    from scraper.fetch.useragent import UserAgent

Record = Callable[[Exchange], Capture]
"""Archives one exchange and says under which capture; called for every attempt and hop."""

_SAYS_NOTHING = frozenset({Failure.GUARD_REFUSED, Failure.ABANDONED, Failure.TOO_LARGE, Failure.DECODE_BOMB})
"""Failures that are no fault of the host: nothing was sent, or a limit of ours ended it."""

_NO_GROUPS: Mapping[str, str] = MappingProxyType({})
LEASE_MARGIN = timedelta(seconds=10)
ROBOTS_REDIRECTS = 5
"""RFC 9309 §2.3.1.2: at least five are followed, across authorities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer and the capture it was recorded as; of a redirect chain, those of the last hop."""

    exchange: Exchange
    capture: Capture


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One call of `get`: what stays the same over its hops. `robots` are the robots.txt files being asked for by it."""

    source: Source
    record: Record
    network: Network
    since: datetime
    robots: tuple[str, ...] = ()


class Fetcher:
    """Fetches for any number of sources and threads; one request at a time per host group, by `pace`.

    `network` holds defaults under each source's own. `owner` names this process among those that share `pace`.
    `groups` are the host groups of all sources, by host. `jitter` gives numbers from 0 to 1. `vantage` labels where we
    look from.
    """

    def __init__(
        self,
        *,
        user_agent: UserAgent,
        clock: Clock,
        pace: Pace,
        robots: RobotsCache,
        jitter: Callable[[], float],
        monotonic: Callable[[], float],
        owner: str,
        network: Network,
        groups: Mapping[str, str] = _NO_GROUPS,
        vantage: str = "",
        lookup: Lookup = system_lookup,
    ) -> None:
        self._user_agent = user_agent
        self._agent = user_agent.header()
        self._clock = clock
        self._pace = pace
        self._robots = Robots(robots, clock, user_agent.token)
        self._jitter = jitter
        self._monotonic = monotonic
        self._owner = owner
        self._network = network
        self._groups = groups
        self._vantage = vantage
        self._lookup = lookup
        self._in_flight = InFlight()
        self._sessions = Sessions()
        self._pause = partial(pause, clock, abandoned=self._in_flight.abandoned)
        self._transports: dict[tuple[Network, frozenset[str]], Transport] = {}
        self._transports_lock = threading.Lock()

    def get(self, request: Request, source: Source, record: Record) -> Fetched:
        """Ask for one page, following redirects inside the source's scope; return the last hop's answer.

        Any status below 500 but 429 is an answer, also 304 and 404. A redirect out of scope is returned as it came.

        Raises Refused (scope, robots, address), Throttled (the host asked to be left alone), Transient (no whole
        answer after all attempts, too many redirects, abandoned), ConfigError (no contact). What was attempted has
        been recorded by then.
        """
        errand = self._errand(source, record)
        url = self._admitted(request, errand)
        return self._follow(request, url, errand)

    def robots(self, request: Request, source: Source, record: Record) -> Explanation:
        """What robots.txt says of a request's URL, from the newest copy; the file is asked for where none is fresh.

        Errors as `get`, but for those of a file that cannot be had: that is part of the explanation.
        """
        errand = self._errand(source, record)
        url = self._admitted(request, errand)
        return self._robots.explain(url, source.id, self._robots_fetch(errand), closed=_closed(source))

    def abandon(self) -> None:
        """End all requests under way, from any thread; later ones are not begun."""
        self._in_flight.abandon()

    def drain(self) -> None:
        """Begin nothing more, from any thread; what is under way may come to its end (`abandon` cuts it short)."""
        self._in_flight.drain()

    def close(self) -> None:
        """Close all connections. No request may be under way."""
        with self._transports_lock:
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()

    def _errand(self, source: Source, record: Record) -> _Errand:
        return _Errand(
            source=source, record=record, network=merged(source.network, self._network), since=self._clock.now()
        )

    def _admitted(self, request: Request, errand: _Errand) -> str:
        """The canonical URL of a request; Refused, and on record, where it may not be asked for."""
        url, complaint = guard.admit(request.url)
        if complaint is None:
            by_hand = request.reason is Reason.MANUAL  # a path that the operator names needs no pattern
            scope = replace(errand.source, articles=(), listings=()) if by_hand else errand.source
            complaint = guard.outside(url, scope)
        if complaint is None:
            return url
        # Neither records nor logs hold the password of a URL.
        shown, complaint = urls.redacted(request.url), urls.redacted(complaint)
        self._note(errand, self._ask(request, urls.redacted(url), errand, None), Failure.GUARD_REFUSED, complaint)
        raise Refused(f"{shown!r} may not be fetched: {complaint}", failure=Failure.GUARD_REFUSED)

    def _follow(self, request: Request, url: str, errand: _Errand) -> Fetched:
        robots = request.role is Role.ROBOTS
        limit = ROBOTS_REDIRECTS if robots else errand.source.politeness.redirects
        seen, hops = {(request.method, url)}, 0
        came_from = None
        while True:
            fetched = self._hop(request, url, errand, came_from)
            following = next_hop(
                fetched.exchange, lambda onward: robots or guard.outside(onward, errand.source) is None
            )
            if following is None:
                return fetched
            request, url, came_from = following, following.url, fetched.capture.record
            hops += 1
            # A POST sent back to where it came from (307) is how KCNA's old server began a session: tried, and counted.
            loop = (request.method, url) in seen and request.method != "POST"
            if loop or hops > limit:
                why = "the redirects form a loop" if loop else f"more than {limit} redirects"
                self._note(errand, self._ask(request, url, errand, came_from), Failure.REDIRECT_LIMIT, why)
                raise Transient(f"{url} not followed: {why}", failure=Failure.REDIRECT_LIMIT)
            seen.add((request.method, url))

    def _hop(self, request: Request, url: str, errand: _Errand, came_from: str | None) -> Fetched:
        """One URL: robots, then as many attempts as it takes."""
        ask = self._ask(request, url, errand, came_from)
        if request.role is not Role.ROBOTS or _elsewhere(url, errand):
            ask = self._permitted(ask, errand)
        loop = retrying(
            errand.source.politeness, self._clock, jitter=self._jitter, pause=self._pause, since=errand.since
        )
        return loop(self._attempt, ask, errand)

    def _permitted(self, ask: Ask, errand: _Errand) -> Ask:
        """The same with the decision of robots.txt; raises when it forbids the URL or wants too long a delay."""
        source = errand.source
        fetch = self._robots_fetch(errand)
        decision, failure = self._robots.decide(ask.url, source.id, fetch, closed=_closed(source))
        ask, why = replace(ask, robots=decision), decision.rule
        longest = source.politeness.max_gap
        if failure is None and (decision.crawl_delay or 0.0) > longest:
            why = f"its crawl-delay of {decision.crawl_delay:g} s is over max_gap ({longest:g} s): raise max_gap"
            self._note(errand, ask, Failure.ROBOTS_DENIED, why)
            until = self._robots.valid_until(ask.url, source.id)
            raise Throttled(f"{source.id} is paused, says robots.txt: {why}", until=until, kind="paused")
        if failure is None:
            return ask
        self._note(errand, ask, failure, why)
        message = f"{ask.url} may not be fetched, says robots.txt: {why}"
        # A file that cannot be had today may be had tomorrow; a rule is a rule.
        raise (Transient if failure is Failure.ROBOTS_UNREACHABLE else Refused)(message, failure=failure)

    def _robots_fetch(self, errand: _Errand) -> Callable[[str], tuple[Capture, bytes]]:
        """How a robots.txt is asked for on an errand; Transient where one depends on itself."""

        def fetch(url: str) -> tuple[Capture, bytes]:
            if url in errand.robots:
                raise Transient(f"{url} depends on itself", failure=Failure.ROBOTS_UNREACHABLE)
            request = Request(source=errand.source.id, url=url, role=Role.ROBOTS, reason=Reason.ROBOTS)
            inner = replace(errand, since=self._clock.now(), robots=(*errand.robots, url))
            fetched = self._follow(request, url, inner)
            return fetched.capture, fetched.exchange.body

        return fetch

    def _attempt(self, ask: Ask, errand: _Errand) -> Fetched:
        """Wait for our turn, ask once, give the turn back, record, and raise what calls for a reaction."""
        group = pace_group(ask.source, ask.url, self._groups)
        owner = f"{self._owner}/{threading.get_ident()}"
        limits = limits_of(ask.source, ask.robots.crawl_delay if ask.robots is not None else None)
        self._take_turn(ask, group, owner, limits)
        until = None
        spent = Spent()
        try:
            exchange = self._exchange(ask, errand)
            spent = _spent(exchange)
            stop = stop_asked(exchange)
            if stop is not None:
                until = exchange.fetched_at + stop
                self._pace.stop_until(group, until, f"{exchange.status} from {ask.url}")
        finally:
            self._pace.release(group, owner, self._clock.now(), spent, limits)
        fetched = Fetched(exchange=exchange, capture=errand.record(exchange))
        if until is not None:
            raise Throttled(
                f"{group} answered {exchange.status}: left alone until {until:%Y-%m-%d %H:%M:%SZ}", until=until
            )
        trouble = _trouble(exchange)
        if trouble is not None:
            raise trouble
        return fetched

    def _take_turn(self, ask: Ask, group: str, owner: str, limits: Limits) -> None:
        self._refuse_if_abandoned()
        lease = timedelta(seconds=ask.source.politeness.deadline) + LEASE_MARGIN
        abandoned = self._in_flight.abandoned
        take_turn(self._pace, self._clock, group, owner=owner, lease=lease, abandoned=abandoned, limits=limits)

    def _exchange(self, ask: Ask, errand: _Errand) -> Exchange:
        transport = self._transport(errand)
        budget = Budget(ask.source.politeness.deadline, self._monotonic, self._clock.now)
        self._in_flight.enter(budget)
        try:
            exchange = carry_out(
                ask,
                transport,
                self._agent,
                budget=budget,
                clock=self._clock,
                monotonic=self._monotonic,
                cookie=self._sessions.cookie(ask.source, ask.url),
            )
        finally:
            budget.hold(None)
            self._in_flight.leave(budget)
        self._sessions.learn(ask.source, exchange)
        if ask.request.role is Role.ROBOTS and exchange.failure is None and 200 <= (exchange.status or 0) < 300:
            doubt = suspicion(exchange.body)
            return replace(exchange, detail=f"suspicious: {doubt}") if doubt else exchange
        return exchange

    def _refuse_if_abandoned(self) -> None:
        if self._in_flight.abandoned():
            raise Transient("abandoned: the program is stopping; nothing was sent", failure=Failure.ABANDONED)

    def _transport(self, errand: _Errand) -> Transport:
        trusted = frozenset(host for host in errand.source.hosts if guard.loopback(host))
        key = errand.network, trusted
        with self._transports_lock:
            transport = self._transports.get(key)
            if transport is None:
                route = Route(
                    resolve=errand.network.resolve,
                    trusted=trusted,
                    proxied=errand.network.proxy is not None,
                    agent=self._user_agent,
                )
                transport = self._transports[key] = Transport(errand.network, route, self._lookup)
            return transport

    def _ask(self, request: Request, url: str, errand: _Errand, came_from: str | None) -> Ask:
        direct = errand.network.proxy is None or errand.source.channel is not Channel.DIRECT
        return Ask(
            request=request,
            url=url,
            source=errand.source,
            robots=None,
            redirected_from=came_from,
            channel=errand.source.channel if direct else Channel.PROXY,
            vantage=errand.network.vantage or self._vantage,
        )

    def _note(self, errand: _Errand, ask: Ask, failure: Failure, detail: str) -> None:
        """Record that nothing was sent, and why."""
        errand.record(replace(ask.exchange(self._clock), failure=failure, detail=detail))


def merged(own: Network, defaults: Network) -> Network:
    """A source's network settings over the defaults. Its mappings come first; either may switch verification off."""
    if defaults == Network():
        return own
    return Network(
        resolve=(*defaults.resolve, *own.resolve),  # read into a table: the last one counts
        proxy=own.proxy or defaults.proxy,
        ca_file=own.ca_file or defaults.ca_file,
        verify=own.verify and defaults.verify,
        vantage=own.vantage or defaults.vantage,
    )


def pace_group(source: Source, url: str, groups: Mapping[str, str]) -> str:
    """Whose pace a request keeps: the source's group; outside of it (robots redirects) that of the host's own source.

    A host of no source is a group of its own.
    """
    host = urls.host(url)
    return source.group if host in source.hosts else groups.get(host, host)


def _closed(source: Source) -> bool:
    return source.robots_401_403 == "disallow"


def _elsewhere(url: str, errand: _Errand) -> bool:
    """Whether a robots.txt was redirected to a page of another host, which that host's own robots.txt may forbid."""
    own = robots_url(url)
    return bool(errand.robots) and url != own and own != errand.robots[-1]


def _spent(exchange: Exchange) -> Spent:
    """What a request cost, and what it says of the host's health."""
    status = exchange.status or 0
    outcome = Outcome.ANSWERED
    if exchange.failure in _SAYS_NOTHING:
        outcome = Outcome.REFUSED_BY_US
    elif exchange.failure is not None or status == 429 or status >= 500:
        outcome = Outcome.FAILED
    return Spent(
        seconds=max(0.0, (exchange.fetched_at - exchange.started_at).total_seconds()),
        wire_bytes=exchange.wire_size,
        outcome=outcome,
    )


def _trouble(exchange: Exchange) -> FetchError | None:
    """What an exchange that is no answer calls for; None when it is one."""
    failure = exchange.failure
    if failure is Failure.GUARD_REFUSED:
        return Refused(f"{exchange.url} may not be fetched: {exchange.detail}", failure=failure)
    if failure is Failure.TOO_LARGE and exchange.request.role is Role.ROBOTS:
        return None  # the beginning of a robots.txt is all that is read of it
    if failure is not None:
        return Transient(f"{exchange.url} failed: {failure.value}: {exchange.detail}", failure=failure)
    if (exchange.status or 0) >= 500:
        return Transient(f"{exchange.url} answered {exchange.status}")
    return None
