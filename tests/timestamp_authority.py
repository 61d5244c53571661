"""A real time-stamping authority on loopback: OpenSSL signs, a small HTTP server carries the messages (RFC 3161 §3.4).

    with TimestampAuthority(directory) as authority:
        authority.url, authority.root      # where to ask, and the certificate to trust

Its tokens bring the signer's certificate and the one between; the root has to be got elsewhere, as with most authorities.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Self

from tests.web_server import Answer, Asked, WebServer, page, status

POLICY = "1.2.3.4.1"
_SETTINGS = """
[tsa]
default_tsa = main
[main]
serial = {directory}/serial
signer_digest = sha256
default_policy = {policy}
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[signer]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
"""
Edit = Callable[[bytes], bytes]


def required(program: str) -> str:
    """Where a program is that the tests cannot do without: a machine that lacks it fails them."""
    found = shutil.which(program)
    assert found, f"{program} is not installed: these tests need it (Debian: apt-get install {program})"
    return found


def openssl(*arguments: str | Path) -> bytes:
    """Run openssl, which this machine must have; its standard output."""
    words = [required("openssl"), *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, f"{words}: {done.stderr.decode()}"
    return done.stdout


class TimestampAuthority:
    """An authority with certificates of its own in `directory`.

    `query` changes what it is asked and `answer` what it says, for tests of an authority that lies; `down` makes it
    answer 503. `asked` counts the requests.
    """

    def __init__(self, directory: Path, *, whole_chain: bool = False) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.root = directory / "root.pem"
        self.query: Edit = bytes
        self.answer: Edit = bytes
        self.down = False
        self.asked = 0
        self._settings = directory / "openssl.cnf"
        self._settings.write_text(_SETTINGS.format(directory=directory, policy=POLICY), encoding="utf-8")
        (directory / "serial").write_text("01\n", encoding="utf-8")
        self._make_certificates()
        chain = self.directory / "chain.pem"
        between = (directory / "between.pem").read_bytes()
        chain.write_bytes(between + self.root.read_bytes() if whole_chain else between)
        self._web = WebServer({"/tsa": self._reply})

    @property
    def url(self) -> str:
        """Where it is asked."""
        return self._web.url("/tsa")

    @property
    def name(self) -> str:
        """What its tokens are filed under."""
        return f"127-0-0-1-{self._web.port}-tsa"

    def __enter__(self) -> Self:
        self._web.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._web.__exit__(None, None, None)

    def signed(self, query: bytes) -> bytes:
        """The answer to a request, as OpenSSL makes it."""
        asked = self.directory / "query.tsq"
        asked.write_bytes(query)
        signer, key = self.directory / "signer.pem", self.directory / "signer.key"
        chain = self.directory / "chain.pem"
        reply = self.directory / "reply.tsr"
        configured = ("-config", self._settings, "-section", "main", "-queryfile", asked)
        openssl("ts", "-reply", *configured, "-signer", signer, "-inkey", key, "-chain", chain, "-out", reply)
        return reply.read_bytes()

    def _reply(self, asked: Asked) -> Answer:
        self.asked += 1
        if self.down:
            return status(503)
        assert asked.method == "POST"
        assert asked.header("Content-Type") == "application/timestamp-query"
        body = self.answer(self.signed(self.query(asked.body)))
        return page(body, headers=[("X-Was", "application/timestamp-reply")])

    def _make_certificates(self) -> None:
        made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", self._settings)
        where = self.directory
        root = ("-keyout", where / "root.key", "-out", self.root, "-subj", "/CN=A root", "-extensions", "ca")
        openssl("req", "-x509", *made, "-days", "7300", *root)
        for number, (name, extensions, by) in enumerate((("between", "ca", "root"), ("signer", "signer", "between"))):
            request, key = where / f"{name}.csr", where / f"{name}.key"
            openssl("req", *made, "-keyout", key, "-out", request, "-subj", f"/CN=The {name}")
            issuer = ("-CA", where / f"{by}.pem", "-CAkey", where / f"{by}.key", "-set_serial", str(number + 7))
            details = ("-extfile", self._settings, "-extensions", extensions, "-out", where / f"{name}.pem")
            openssl("x509", "-req", "-in", request, *issuer, "-days", "7000", *details)
