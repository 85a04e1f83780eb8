"""The few calls into PDFium that are made once per character: bound so that a page costs milliseconds.

pypdfium2 loads the library; its own bindings convert each argument, which is four times as slow as the call itself.
These take plain addresses, and keep the interpreter lock, since a call lasts less than giving it away.
"""

import ctypes
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import RLock

import pypdfium2_raw

PDFIUM = RLock()
"""PDFium may be called by one thread at a time: whoever opens, reads or draws a page holds this."""

_ADDRESS, _INTEGER, _DOUBLE = ctypes.c_void_p, ctypes.c_int, ctypes.c_double
_NUMBER, _SIZE = ctypes.c_uint, ctypes.c_size_t
_CALLS: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "FPDFText_GetTextObject": (_ADDRESS, (_ADDRESS, _INTEGER)),
    "FPDFPage_CountObjects": (_INTEGER, (_ADDRESS,)),
    "FPDFPage_GetObject": (_ADDRESS, (_ADDRESS, _INTEGER)),
    "FPDFFormObj_CountObjects": (_INTEGER, (_ADDRESS,)),
    "FPDFFormObj_GetObject": (_ADDRESS, (_ADDRESS, ctypes.c_ulong)),
    "FPDFPageObj_GetType": (_INTEGER, (_ADDRESS,)),
    "FPDFPageObj_GetBounds": (_INTEGER, (_ADDRESS,) * 5),
    "FPDFPageObj_GetFillColor": (_INTEGER, (_ADDRESS,) * 5),
    "FPDFPageObj_GetClipPath": (_ADDRESS, (_ADDRESS,)),
    "FPDFPageObj_GetMatrix": (_INTEGER, (_ADDRESS, _ADDRESS)),
    "FPDFClipPath_CountPathSegments": (_INTEGER, (_ADDRESS, _INTEGER)),
    "FPDFClipPath_GetPathSegment": (_ADDRESS, (_ADDRESS, _INTEGER, _INTEGER)),
    "FPDFPathSegment_GetPoint": (_INTEGER, (_ADDRESS, _ADDRESS, _ADDRESS)),
    "FPDFClipPath_CountPaths": (_INTEGER, (_ADDRESS,)),
    "FPDFTextObj_GetTextRenderMode": (_INTEGER, (_ADDRESS,)),
    "FPDFTextObj_SetTextRenderMode": (_INTEGER, (_ADDRESS, _INTEGER)),
    "FPDFPageObj_CreateTextObj": (_ADDRESS, (_ADDRESS, _ADDRESS, ctypes.c_float)),
    "FPDFPageObj_Destroy": (None, (_ADDRESS,)),
    "FPDFTextObj_GetFont": (_ADDRESS, (_ADDRESS,)),
    "FPDFFont_GetBaseFontName": (_SIZE, (_ADDRESS, _ADDRESS, _SIZE)),
    "FPDFFont_GetGlyphPath": (_ADDRESS, (_ADDRESS, _NUMBER, ctypes.c_float)),
    "FPDFGlyphPath_CountGlyphSegments": (_INTEGER, (_ADDRESS,)),
    "FPDFGlyphPath_GetGlyphPathSegment": (_ADDRESS, (_ADDRESS, _INTEGER)),
    "FPDFPage_GetAnnotCount": (_INTEGER, (_ADDRESS,)),
    "FPDFText_GetCharBox": (_INTEGER, (_ADDRESS, _INTEGER, _ADDRESS, _ADDRESS, _ADDRESS, _ADDRESS)),
    "FPDFText_GetLooseCharBox": (_INTEGER, (_ADDRESS, _INTEGER, _ADDRESS)),
    "FPDFText_GetMatrix": (_INTEGER, (_ADDRESS, _INTEGER, _ADDRESS)),
    "FPDFText_GetFontSize": (_DOUBLE, (_ADDRESS, _INTEGER)),
    "FPDFText_GetUnicode": (_NUMBER, (_ADDRESS, _INTEGER)),
    "FPDFText_GetText": (_INTEGER, (_ADDRESS, _INTEGER, _INTEGER, _ADDRESS)),
}


@cache
def call(name: str) -> Callable[..., float]:
    """Return one function of PDFium that takes handles and buffers as plain addresses."""
    function = _library()[name]
    function.restype, function.argtypes = _CALLS[name]
    return function


@cache
def _library() -> ctypes.PyDLL:
    """Return the library that pypdfium2 has loaded, by the same file, so that both share its state."""
    folder = Path(pypdfium2_raw.__file__).parent
    found = next(path for pattern in ("*.so", "*.dylib", "*.dll") for path in folder.glob(pattern))
    return ctypes.PyDLL(str(found))


def address(handle: object) -> int:
    """Return the address behind a handle of pypdfium2's raw interface."""
    return int(ctypes.cast(handle, ctypes.c_void_p).value or 0)  # type: ignore[arg-type]  # any ctypes pointer
