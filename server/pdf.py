"""A printed call as a PDF. Typst sets it, with the fonts that it carries, so that it looks the same everywhere."""

from __future__ import annotations

from importlib import resources

from server.printed_call import PrintedCall


def as_pdf(call: PrintedCall) -> bytes:
    """The PDF, tagged for screen readers (PDF/UA-1). Takes some hundredths of a second of a core.

    The words go in as data, never as markup. A letter that the carried fonts lack is taken from the system's; where
    those lack it too a box stands for it, and the file no longer claims to be PDF/UA.
    """
    import typst

    layout = resources.files("server").joinpath("pages/print/call.typ").read_bytes()
    words = {"call": call.model_dump_json()}
    try:
        made = typst.compile(layout, format="pdf", pdf_standards=["ua-1"], sys_inputs=words)
    except typst.TypstError:
        made = typst.compile(layout, format="pdf", sys_inputs=words)
    assert isinstance(made, bytes)  # noqa: S101 - one document, no output file
    return made
