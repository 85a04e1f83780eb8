"""What SOMS asks of hosts outside, and what it never does: pure rules, and a small server that notes what came."""

import gzip
import ipaddress
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.database.fetched import Known
from blocks.errors import Refused, TryAgainLater, Unreadable
from blocks.systems.manufacturers.addresses import Addresses, is_inside
from blocks.systems.manufacturers.fetching import Answer, Fetcher, Question
from blocks.systems.manufacturers.robots import Robots
from blocks.systems.manufacturers.sitemaps import addresses_in, links_in
from blocks.systems.manufacturers.website import ManufacturerSite
from tests.media import picture


@dataclass
class Server:
    """A server that notes each request's headers and answers as it is told."""

    port: int = 0
    seen: list[dict[str, str]] = field(default_factory=list)
    answer: Callable[[str], tuple[int, dict[str, str], bytes]] = lambda _path: (200, {}, b"fine")


@contextmanager
def serving(answer: Callable[[str], tuple[int, dict[str, str], bytes]]) -> Iterator[Server]:
    found = Server(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
            status, headers, body = found.answer(self.path)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def fetcher(addresses: Addresses, **other: Any) -> Fetcher:
    return Fetcher(addresses, system="Maker", headers={"User-Agent": "SOMS/1 (Lampenhaus)"}, timeout=5, **other)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",  # noqa: S104
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
     "198.18.0.1", "192.0.0.192", "fec0::1", "no address"],
)  # fmt: skip
def test_no_address_but_a_public_one_is_outside(address: str) -> None:
    assert is_inside(address)


@given(st.ip_addresses(v=4))
def test_wrapping_a_private_address_into_ipv6_does_not_make_it_public(address: ipaddress.IPv4Address) -> None:
    wrapped = ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(address))
    assert is_inside(f"::ffff:{address}") == is_inside(str(address)) == is_inside(str(wrapped))


def test_public_addresses_are_outside() -> None:
    assert not is_inside("93.184.215.14")
    assert not is_inside("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


@pytest.mark.parametrize(
    "url",
    ["ftp://maker.example/x", "file:///etc/passwd", "https://other.example/", "https://maker.example@other.example/",
     "https://maker.example.evil.example/", "https://user@maker.example/", "http:///x", "https://maker.example:x/",
     "https://maker.example/\n", "javascript:alert(1)", "//maker.example/", "https://maker.example/" + "a" * 2000],
)  # fmt: skip
def test_only_web_addresses_of_named_hosts_are_asked(url: str) -> None:
    addresses = Addresses({"maker.example", ".files.example"}, look_up=lambda *_: ["93.184.215.14"])
    with pytest.raises(Refused):
        addresses.place(url)
    assert addresses.place("https://Maker.example./a").host == "maker.example"
    assert addresses.place("https://cdn.files.example:8443/a").netloc == "cdn.files.example:8443"


def test_a_name_that_points_inside_is_refused_whenever_it_begins_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocks.systems.manufacturers.addresses._KEPT_SECONDS", 0.0)
    answers = iter((["93.184.215.14"], ["93.184.215.14", "10.0.0.7"], ["127.0.0.1"]))
    addresses = Addresses({"maker.example"}, look_up=lambda *_: next(answers))
    assert addresses.place("https://maker.example/").address == "93.184.215.14"
    for _ in range(2):
        with pytest.raises(Refused, match=r"points into a private network.*maker\.example:443"):
            addresses.place("https://maker.example/")


def test_the_connection_goes_to_the_address_that_was_judged_under_the_name_that_was_asked() -> None:
    with serving(lambda _: (200, {}, b"fine")) as server:
        name = f"maker.invalid:{server.port}"  # no resolver knows it: only the judged address can lead there
        addresses = Addresses({"maker.invalid"}, {name}, look_up=lambda *_: ["127.0.0.1"])
        asked = fetcher(addresses)
        assert asked.get(Question(f"http://{name}/a?b=%20c")).body == b"fine"
        asked.close()
    seen = server.seen[0]
    assert (seen["host"], seen["path"], seen["user-agent"]) == (name, "/a?b=%20c", "SOMS/1 (Lampenhaus)")


def test_credentials_do_not_travel_to_another_host() -> None:
    with serving(lambda _: (200, {}, b"there")) as other:
        there = f"http://127.0.0.1:{other.port}/"
        with serving(lambda _: (302, {"Location": there}, b"")) as own:
            addresses = Addresses({"127.0.0.1"}, {f"127.0.0.1:{own.port}", f"127.0.0.1:{other.port}"})
            origin = f"http://127.0.0.1:{own.port}/"
            proof = ({"Authorization": "Bearer x"}, {"key": "y"})
            asked = fetcher(addresses, secrets=lambda url: proof if url.startswith(origin) else ({}, {}))
            answer = asked.get(Question(origin))
            asked.close()
    assert (answer.body, answer.url) == (b"there", there)
    assert "key=y" in own.seen[0]["path"]
    assert own.seen[0]["authorization"] == "Bearer x"
    assert "authorization" not in other.seen[0]
    assert other.seen[0]["path"] == "/"


def test_encryption_is_not_given_up_by_a_redirect() -> None:
    asked = fetcher(Addresses({"maker.example"}))
    with pytest.raises(Refused, match="without encryption"):
        asked._further("https://maker.example/a", "http://maker.example/a")
    assert asked._further("https://maker.example/a/b", "../c?d") == "https://maker.example/c?d"


@pytest.mark.parametrize(
    ("headers", "body", "said"),
    [
        ({"Content-Encoding": "br"}, b"x", "packed as 'br'"),
        ({"Content-Encoding": "gzip"}, b"no gzip", "packing is broken"),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"a" * 1000)[:20], "packing is broken"),
        ({"Content-Encoding": "gzip"}, gzip.compress(b"a" * (3 << 20)), "more than 1 MB"),
        ({}, b"a" * ((1 << 20) + 1), "more than 1 MB"),
        ({"Content-Type": "image/gif"}, b"GIF", "where text/html was expected"),
    ],
    ids=["other packing", "no packing", "cut packing", "bomb", "too large", "other type"],
)
def test_a_body_that_cannot_be_taken_is_unreadable(headers: dict[str, str], body: bytes, said: str) -> None:
    with serving(lambda _: (200, headers, body)) as server:
        asked = fetcher(Addresses({"127.0.0.1"}, {f"127.0.0.1:{server.port}"}), limit=1 << 20)
        with pytest.raises(Unreadable, match=said):
            asked.get(Question(f"http://127.0.0.1:{server.port}/", accepts=("text/html",)))
        asked.close()


def test_what_is_kept_is_asked_for_conditionally() -> None:
    with serving(lambda _: (304, {"ETag": '"b"'}, b"")) as server:
        asked = fetcher(Addresses({"127.0.0.1"}, {f"127.0.0.1:{server.port}"}))
        answer = asked.get(Question(f"http://127.0.0.1:{server.port}/", '"a"', "Mon, 01 Jan 2024 00:00:00 GMT"))
        asked.close()
    assert (answer.status, answer.validator("etag")) == (304, '"b"')
    assert server.seen[0]["if-none-match"] == '"a"'
    assert server.seen[0]["if-modified-since"] == "Mon, 01 Jan 2024 00:00:00 GMT"


@pytest.mark.parametrize("packing", ["", "gzip"])
def test_of_what_is_wanted_only_at_its_beginning_no_more_is_read(packing: str) -> None:
    whole = b"a" * (8 << 20)
    body, headers = (gzip.compress(whole), {"Content-Encoding": "gzip"}) if packing else (whole, {})
    with serving(lambda _: (200, headers, body)) as server:
        asked = fetcher(Addresses({"127.0.0.1"}, {f"127.0.0.1:{server.port}"}), limit=1 << 20)
        answer = asked.get(Question(f"http://127.0.0.1:{server.port}/", first=1000))
        asked.close()
    assert (answer.status, answer.body) == (200, b"a" * 1000)
    assert asked.wire < 3 << 20


def test_pictures_of_a_page_are_fetched_only_where_a_licence_and_the_hosts_let_them_and_only_pictures_are_kept() -> (
    None
):
    images = [
        "/b/1.png",
        "https://elsewhere.example/2.png",
        "http://169.254.169.254/latest",
        "data:image/png;base64,AA",
    ]
    body = b'<h1>Lamp</h1><script type="application/ld+json">' + json.dumps(
        {"@type": "Product", "name": "Lamp", "gtin13": "4006381333931", "image": images}
    ).encode() + b"</script>"  # fmt: skip
    page = Known("k", "https://maker.example/p/1", "page", 1, {}, "", "", "", 0)
    answer = Answer(200, "https://maker.example/p/1", body, {"content-type": "text/html"})
    named = {"manufacturer": "X", "sitemap": "https://maker.example/s.xml"}
    site = ManufacturerSite(**named, licence="free to show", shows_media=True)
    assert [(each.url, each.role, each.step) for each in site.found(page, answer)] == [
        ("https://maker.example/b/1.png", "medium", 2)
    ]
    assert list(ManufacturerSite(**named, licence="free to show").found(page, answer)) == []
    with pytest.raises(ValueError, match="only with a licence"):
        ManufacturerSite(**named, shows_media=True)
    picture_of = Known("m", "https://maker.example/b/1.png", "medium", 2, {}, "", "", "", 0)
    sent = {"content-type": "image/png"}
    assert list(site.found(picture_of, Answer(200, picture_of.url, picture(), sent))) == []
    with pytest.raises(Unreadable, match="SVG"):
        list(site.found(picture_of, Answer(200, picture_of.url, b"<svg onload='alert(1)'/>", sent)))


class _Answers(Fetcher):
    def __init__(self, answer: Answer | Exception) -> None:
        self.answer, self.questions = answer, 0

    def get(self, question: Question) -> Answer:  # noqa: ARG002 - whatever is asked
        self.questions += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_robots_txt_is_asked_for_once_and_obeyed() -> None:
    text = b"User-agent: *\nDisallow: /\n\nUser-agent: SOMS\nDisallow: /intern/\nCrawl-delay: 4\n"
    asked = _Answers(Answer(200, "", text))
    robots = Robots(asked, {})
    robots.insist("https://maker.example/p/1")
    with pytest.raises(Refused, match=r"maker\.example asks robots not to visit"):
        robots.insist("https://maker.example/intern/1")
    assert robots.delay("https://maker.example/p/1") == 4
    assert asked.questions == 1


def test_of_a_robots_txt_that_is_too_long_the_beginning_is_obeyed_and_the_rule_cut_through_is_not() -> None:
    rules = b"User-agent: *\nDisallow: /intern/\n"
    padding = b"# \n" * ((500 * 1024 - len(rules)) // 4)
    cut = b"Disallow: /"  # of 'Disallow: /geheim/'
    body = rules + padding
    body += b"#" * (500 * 1024 - len(body) - len(cut) - 1) + b"\n" + cut
    robots = Robots(_Answers(Answer(200, "", body + b"geheim/\n")), {})
    robots.insist("https://maker.example/p/1")
    with pytest.raises(Refused, match="asks robots not to visit"):
        robots.insist("https://maker.example/intern/1")


@pytest.mark.parametrize("answer", [Answer(404, ""), Refused("403")])
def test_without_a_robots_txt_nothing_is_forbidden(answer: Answer | Exception) -> None:
    Robots(_Answers(answer), {}).insist("https://maker.example/p/1")


@pytest.mark.parametrize("error", [TryAgainLater("503", retry_after=7), Unreadable("too large")])
def test_while_robots_txt_cannot_be_had_everything_waits(error: Exception) -> None:
    with pytest.raises(TryAgainLater):
        Robots(_Answers(error), {}).insist("https://maker.example/p/1")


def test_sitemaps_are_read_as_xml_packed_and_as_text() -> None:
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    index = f"<sitemapindex {space}><sitemap><loc> https://a.example/1.xml </loc></sitemap></sitemapindex>".encode()
    pages = f"<urlset {space}><url><loc>https://a.example/p?a=1&amp;b</loc></url><url/></urlset>".encode()
    assert list(addresses_in(index)) == [(True, "https://a.example/1.xml")]
    assert list(addresses_in(gzip.compress(pages))) == [(False, "https://a.example/p?a=1&b")]
    assert list(addresses_in(b"\xef\xbb\xbfhttps://a.example/1\r\nnothing\r\n")) == [(False, "https://a.example/1")]


@pytest.mark.parametrize(
    "body",
    [
        b"<urlset><url><loc>https://a.example/1</loc></url>",
        b"<html><body>Nicht gefunden",
        b"<urlset>" + b"<url><loc>https://a.example/1</loc></url>" * 50_001 + b"</urlset>",
        gzip.compress(b"a" * (65 << 20), 1),
        b"\x1f\x8bbroken",
    ],
)
def test_a_sitemap_that_is_none_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        list(addresses_in(body))


def test_entities_of_a_sitemap_are_not_resolved() -> None:
    body = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>'
    assert list(addresses_in(body)) == []


@given(st.binary(max_size=400))
def test_whatever_a_page_holds_its_links_are_addresses(page: bytes) -> None:
    wrapped = b'<a href="' + page + b"\"> <a href='/a&amp;b.pdf#c'>"
    found = list(links_in(wrapped, "https://maker.example/p/"))
    assert all(link.startswith(("http://", "https://")) for link in found)


def test_links_are_whole_addresses_each_once() -> None:
    page = b'<a class="x" href="/s/1.pdf#page=2">A</a><A HREF=\'../s/1.pdf\'>B</A><a href="mailto:a@b.example">C</a>'
    assert list(links_in(page, "https://maker.example/p/1")) == ["https://maker.example/s/1.pdf"]


def test_a_site_needs_an_address_to_begin_at() -> None:
    with pytest.raises(ValueError, match="are needed"):
        ManufacturerSite(manufacturer="X")
    with pytest.raises(ValueError, match="regular expression"):
        ManufacturerSite(manufacturer="X", sitemap="https://a.example/s.xml", page_pattern="(")
    with pytest.raises(ValueError, match="names hosts"):
        ManufacturerSite(manufacturer="X", sitemap="https://a.example/s.xml", hosts=["https://b.example"])
