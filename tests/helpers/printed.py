"""Printed examples: documents are compared whole, up to white space between elements."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET


def shape(document: str | bytes) -> Any:
    """A document as nested tuples: name, attributes in their order, text, children."""
    return _shape(ET.fromstring(document))  # noqa: S314 - our own documents


def _shape(node: ET.Element) -> Any:
    text = node.text or ""
    children = [_shape(child) for child in node]
    return (node.tag, tuple(node.attrib.items()), text.strip() if children else text, children)
