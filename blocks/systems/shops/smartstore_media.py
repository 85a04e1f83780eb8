"""Pictures and documents in a Smartstore shop: each file once, named by its bytes, and assigned to products.

A file's name is the digest of its bytes, so the same bytes are one file however often and by whomever they are sent,
and a file whose answer was lost is found by its path. Files of people are never replaced, moved or taken away.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from blocks.documents.product_content import MediumChange
from blocks.errors import Refused, SomsError, TryAgainLater
from blocks.systems.answers import Answer, Done
from blocks.systems.http import send
from blocks.systems.shops.smartstore_fields import decode
from blocks.systems.shops.smartstore_web_api import JSON, JUDGED_HERE, WebApi, any_of, is_id

EXPAND = "ProductMediaFiles($expand=MediaFile)"
_PREFIX = "soms-"
_FOLDERS = {"picture": "catalog", "document": "file"}
"""The shop's own albums: pictures of products, and files."""
_DOCUMENTS_FROM = 1000
"""Display order: documents come behind all pictures."""


@dataclass(frozen=True, slots=True)
class _Assigned:
    """A file that a product shows."""

    link: int
    file: int
    name: str
    size: int
    picture: bool
    place: int


def shown_media(links: Any) -> dict[str, str]:
    """Return which of the files that SOMS sent a product shows: 'medium:' and digest → digest."""
    names = (each.name for each in _assigned(links))
    digests = [name.removeprefix(_PREFIX).partition(".")[0] for name in names if name.startswith(_PREFIX)]
    return {f"medium:{digest}": digest for digest in digests}


def write_media(api: WebApi, changes: Sequence[MediumChange]) -> list[Answer]:
    """Have products show files, or no longer; one answer per change, in order.

    After the shop stopped answering, the rest is not tried: all of it is to be called again later.
    """
    answers: dict[str, Answer] = {}
    later: TryAgainLater | None = None
    for change in sorted(changes, key=lambda each: each.kind == "document"):  # a picture must be the first to be shown
        try:
            answers[change.key] = later or _written(api, change)
        except TryAgainLater as error:
            later = TryAgainLater(str(error), retry_after=error.retry_after, maybe_done=True)
            answers[change.key] = later
        except SomsError as error:
            answers[change.key] = Refused(str(error))
    return [answers[change.key] for change in changes]


def _written(api: WebApi, change: MediumChange) -> Answer:
    if change.variant_id:
        return Refused("A variant shows its product's pictures: change the product itself.")
    assigned = _of_product(api, change.product_id)
    if assigned is None:
        return Refused(f"Product {change.product_id} is not in {api.system} any more.")
    name = f"{_PREFIX}{change.sha256}.{change.extension}"
    ours = [each for each in assigned if each.name.startswith(f"{_PREFIX}{change.sha256}.")]
    if not change.shown:
        for each in ours:
            api.remove("ProductMediaFiles", each.link)
        return Done(change.key, adopted=not ours)
    if ours:
        return Done(change.key, adopted=True)
    return _shown(api, change, name, assigned)


def _shown(api: WebApi, change: MediumChange, name: str, assigned: Sequence[_Assigned]) -> Answer:
    """Assign a file that the product does not show yet, but for one that a person has put there already."""
    body = change.body
    if hashlib.sha256(body).hexdigest() != change.sha256:
        return Refused("The bytes of the file are not those that were decided on.")
    for each in assigned:
        if each.size == len(body) and _download(api, each.file) == body:
            return Done(change.key, {"kept": f"the same file, put there as {each.name[:200]}"})
    pictures = [each for each in assigned if each.picture]
    if change.kind == "document" and not pictures:
        return Refused("The product has no picture yet, and the shop takes its first file for its picture.")
    file = _stored(api, change, f"{_FOLDERS[change.kind]}/{name}")
    last = max((each.place for each in assigned if each.place < _DOCUMENTS_FROM), default=0)
    place = _DOCUMENTS_FROM if change.kind == "document" else min(last + 1, _DOCUMENTS_FROM - 1)
    row = api.create(f"Products({int(change.product_id)})/ProductMediaFiles({file})", {"DisplayOrder": place})
    return Done(change.key) if row is not None else Refused(f"{api.system} did not take the file for the product.")


def _of_product(api: WebApi, product_id: str) -> list[_Assigned] | None:
    if not is_id(product_id):
        return None
    asked = any_of("Id", [int(product_id)])
    for page in api.pages("Products", condition=asked, select="Id", expand=EXPAND, top=1):
        for row in page.objects():
            return _assigned(row.get("ProductMediaFiles"))
    return None


def _assigned(links: Any) -> list[_Assigned]:
    found = []
    for link in links or ():
        file = link.get("MediaFile") if isinstance(link, dict) else None
        if isinstance(file, dict) and isinstance(link.get("Id"), int) and isinstance(link.get("MediaFileId"), int):
            found.append(_Assigned(
                link["Id"], link["MediaFileId"], str(file.get("Name") or ""), int(file.get("Size") or 0),
                str(file.get("MediaType") or "").lower() == "image", int(link.get("DisplayOrder") or 0),
            ))  # fmt: skip
    return found


def _stored(api: WebApi, change: MediumChange, path: str) -> int:
    """Return the id of the file at a path that its bytes name; sent where it is not there, or not whole.

    Raises:
        Refused: A person has put other bytes in its place.
    """
    known = _find(api, path)
    if known is not None:
        there = _download(api, known["Id"]) if known.get("Length") else b""
        if there == change.body:
            return int(known["Id"])
        if there:
            raise Refused(f"{api.system} holds another file at {path}: a person has replaced it, and it stays.")
    saved = _save(api, path, change.content_type, change.body)
    if saved.get("Path") != path or saved.get("Length") != len(change.body):
        raise TryAgainLater(f"{api.system} did not keep all of {path}; it will be looked up.", maybe_done=True)
    return int(saved["Id"])


def _find(api: WebApi, path: str) -> dict[str, Any] | None:
    response = send(
        api.client, "POST", "MediaFiles/GetFileByPath", system=api.system, json={"path": path}, headers=JSON,
        passing=JUDGED_HERE,
    )  # fmt: skip
    return None if response.status_code == httpx.codes.NOT_FOUND else _described(api, response, "GetFileByPath")


def _save(api: WebApi, path: str, content_type: str, body: bytes) -> dict[str, Any]:
    """Send a file for good: one that nobody says is not preliminary is cleared away by the shop."""
    named = {"filename": path.rpartition("/")[2], "path": path, "isTransient": "false"}
    settled = "; ".join(f'{key}="{value}"' for key, value in {**named, "duplicateFileHandling": "Overwrite"}.items())
    boundary = f"soms-{secrets.token_hex(16)}"  # no file can have been made to hold it
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; {settled}\r\nContent-Type: {content_type}'
    response = send(
        api.client, "POST", "MediaFiles/SaveFile", system=api.system, passing=JUDGED_HERE,
        content=b"".join((head.encode(), b"\r\n\r\n", body, f"\r\n--{boundary}--\r\n".encode())),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )  # fmt: skip
    return _described(api, response, "SaveFile")


def _described(api: WebApi, response: httpx.Response, call: str) -> dict[str, Any]:
    if not response.is_success:
        raise api.refusal(response, f"{api.system}: POST MediaFiles/{call}")
    try:
        found = decode(response.content.decode())
    except ValueError:
        found = None
    if not isinstance(found, Mapping) or not isinstance(found.get("Id"), int) or not found["Id"]:
        raise TryAgainLater(f"{api.system} did not say which file it means; it will be looked up.", maybe_done=True)
    return dict(found)


def _download(api: WebApi, number: int) -> bytes:
    """Return a file's bytes; none where the shop has lost them."""
    path = f"MediaFiles/DownloadFile(id={number})"
    response = send(api.client, "GET", path, system=api.system, passing=JUDGED_HERE)
    if response.status_code == httpx.codes.NOT_FOUND:
        return b""
    if not response.is_success:
        raise api.refusal(response, f"{api.system}: GET MediaFiles/DownloadFile")
    return response.content
