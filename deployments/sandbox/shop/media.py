"""The shop's media: files that are uploaded, found by path, downloaded, and assigned to products as their pictures.

As the real shop does: plain POST, PATCH and DELETE of files are forbidden; a file is preliminary unless it is said not
to be; what a file may do when its path is taken stands in the part's Content-Disposition; file 0 means all of them.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from deployments.sandbox.shop.access import JSON
from deployments.sandbox.shop.address import Segment
from deployments.sandbox.shop.model import Row
from deployments.sandbox.shop.options import read_options
from deployments.sandbox.shop.reading import plain
from deployments.sandbox.shop.store import Store, now
from deployments.sandbox.shop.values import Refusal, read_body
from deployments.sandbox.shop.writing import create

if TYPE_CHECKING:
    from deployments.sandbox.shop.service import Call

_TYPES = {
    "png": ("image", "image/png"), "jpg": ("image", "image/jpeg"), "jpeg": ("image", "image/jpeg"),
    "gif": ("image", "image/gif"), "webp": ("image", "image/webp"), "pdf": ("document", "application/pdf"),
}  # fmt: skip
_FOLDERS = {"catalog": 1, "content": 2, "file": 3}
_BOUNDARY = re.compile(r"boundary=\"?([^\";]{1,70})")
_PARAMETER = re.compile(r'([A-Za-z]+)="([^"]*)"')
_DUPLICATES = ("ThrowError", "Overwrite", "Rename")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a multipart body: the parameters of its Content-Disposition, and its bytes."""

    named: Mapping[str, str]
    body: bytes


def answer_media(call: "Call", parts: list[Segment]) -> Response:
    """Answer what is asked of files."""
    first, store = parts[0], call.store
    if len(parts) == 1 and first.key is None and call.method == "GET":
        return _listed(call)
    if len(parts) == 1 and first.key is not None and call.method == "GET":
        return _described(_file(store, first.key))
    match call.method, first.key, parts[1].name if len(parts) > 1 else "":
        case "POST", None, "SaveFile":
            return _described(save(store, *_uploaded(call, most=1)))
        case "POST", None, "GetFileByPath":
            return _by_path(store, read_body(call.body))
        case "GET", None, "DownloadFile":
            row = _file(store, int(parts[1].arguments.get("id", "0")))
            return Response(base64.b64decode(row["Content"]), media_type=row["MimeType"])
        case "POST", int(), "DeleteFile":
            store.update("MediaFiles", _file(store, first.key or 0)["Id"], {"Deleted": True})
            return Response(status_code=204)
        case _, _, "":
            raise Refusal(403, f"{call.method} on MediaFiles is forbidden.")
    raise Refusal(404, f"No resource is found at '{call.path}'.")


def assign(call: "Call", parts: list[Segment]) -> Response:
    """Assign a file to a product, once, or take it away; 0 takes all away."""
    store, product, number = call.store, parts[0].key or 0, parts[1].key or 0
    if product not in store.tables["Products"].rows:
        raise Refusal(404, f"Cannot find Products entity with identifier {product}.")
    links = store.tables["ProductMediaFiles"].where("ProductId", product)
    if call.method == "DELETE":
        for link in links:
            if number in (0, link["MediaFileId"]):
                store.remove("ProductMediaFiles", link["Id"])
        return Response(status_code=204)
    if call.method != "POST":
        raise Refusal(405, "Only POST and DELETE are allowed here.")
    entity = store.entity("ProductMediaFiles")
    known = next((link for link in links if link["MediaFileId"] == number), None)
    if known is None:
        _file(store, number)
        body = {**read_body(call.body), "ProductId": product, "MediaFileId": number}
        row = create(store, "ProductMediaFiles", body)
    return Response(call.view.single(known or row, plain(entity)), 200 if known else 201, media_type=JSON)


def save(store: Store, part: Part) -> Row:
    """Save a file at its path.

    Raises:
        Refusal: 422, the path names no folder or no kind of file, or is taken.
    """
    path = part.named.get("path") or f"file/{part.named.get('filename', '')}"
    folder, _, name = path.rpartition("/")
    extension = name.rpartition(".")[2].lower()
    if folder.partition("/")[0] not in _FOLDERS or extension not in _TYPES:
        raise Refusal(422, f"'{path}' is not a valid media path.")
    handling = part.named.get("duplicateFileHandling", "ThrowError")
    known = _at(store, path)
    if known is not None and handling == _DUPLICATES[0]:
        raise Refusal(422, f"File '{path}' already exists.")
    if known is not None and handling == _DUPLICATES[2]:
        path = f"{folder}/{name.removesuffix('.' + extension)}-{known['Id']}.{extension}"
        known, name = None, path.rpartition("/")[2]
    media_type, mime = _TYPES[extension]
    values = {
        "Path": path, "Name": name, "Extension": extension, "MediaType": media_type, "MimeType": mime,
        "FolderId": _FOLDERS[folder.partition("/")[0]], "Size": len(part.body), "UpdatedOnUtc": now(),
        "IsTransient": part.named.get("isTransient", "true").lower() != "false", "Deleted": False,
        "Content": base64.b64encode(part.body).decode(),
    }  # fmt: skip
    if known is not None:
        return store.update("MediaFiles", known["Id"], values)
    return store.insert("MediaFiles", {**values, "CreatedOnUtc": now()})


def _at(store: Store, path: str) -> Row | None:
    return next((row for row in store.tables["MediaFiles"].rows.values() if row["Path"] == path), None)


def _file(store: Store, number: int) -> Row:
    row = store.tables["MediaFiles"].rows.get(number)
    if row is None:
        raise Refusal(404, f"Cannot find MediaFiles entity with identifier {number}.")
    return row


def _by_path(store: Store, body: Mapping[str, object]) -> Response:
    row = _at(store, str(body.get("path") or ""))
    if set(body) != {"path"} or row is None:
        raise Refusal(404 if row is None else 400, f"Cannot find MediaFile entity with path {body.get('path')}.")
    return _described(row)


def _listed(call: "Call") -> Response:
    if any(name.lower() == "$select" for name in call.query):
        raise Refusal(400, "The query option '$select' is not supported for MediaFiles.")
    options = read_options(call.query, call.store.entity("MediaFiles"), call.store)
    rows = [row for row in call.store.tables["MediaFiles"].rows.values() if options.test is None or options.test(row)]
    value = [_info(row) for row in rows[: options.top]]
    return Response(json.dumps({"@odata.context": f"{call.view.base}$metadata#MediaFiles", "value": value}),
                    media_type=JSON)  # fmt: skip


def _described(row: Row) -> Response:
    return Response(json.dumps(_info(row)), media_type=JSON)


def _info(row: Row) -> dict[str, object]:
    """Return a file as the shop describes it: not its row, but a FileItemInfo."""
    return {
        "Id": row["Id"], "Directory": row["Path"].rpartition("/")[0], "Path": row["Path"], "Name": row["Name"],
        "Url": f"/media/{row['Id']}/{row['Path']}", "ThumbUrl": f"/media/{row['Id']}/{row['Path']}?size=256",
        "Extension": f".{row['Extension']}", "Length": row["Size"], "Width": None, "Height": None,
        "FolderId": row["FolderId"], "MimeType": row["MimeType"], "MediaType": row["MediaType"],
        "IsTransient": row["IsTransient"], "CreatedOn": row["CreatedOnUtc"], "LastModified": row["UpdatedOnUtc"],
        "Alt": row["Alt"], "TitleAttribute": row["Title"], "AdminComment": None,
    }  # fmt: skip


def _uploaded(call: "Call", *, most: int) -> list[Part]:
    content_type = call.headers.get("content-type", "")
    found = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/form-data") or found is None:
        raise Refusal(415, "The media type of the request is not supported; send multipart/form-data.")
    parts = [_part(piece) for piece in call.body.split(b"--" + found[1].encode())[1:-1]]
    files = [part for part in parts if "filename" in part.named]
    if not 0 < len(files) <= most:
        raise Refusal(400, "Missing multipart file data." if not files else "Send one file per request, not multiple.")
    return files


def _part(piece: bytes) -> Part:
    head, _, body = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    named = dict(_PARAMETER.findall(head.decode("utf-8", "replace")))
    return Part(named, body.removesuffix(b"\r\n"))
