"""The OpenAPI document of the contract, made from the same classes that are decoded and encoded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from shared.wire.base import PUBLIC, Problem, Request, is_command, reply_type

REFERENCE: Final = "#/components/schemas/{name}"
STATUSES: Final = {
    "400": "the body is no JSON of this request",
    "401": "no running session",
    "403": "no right",
    "404": "no such row or request",
    "409": "the row was changed meanwhile, or the key was used for something else",
    "413": "the body is too large",
    "422": "refused by a rule",
    "500": "an internal error with its number",
    "503": "busy, stopping, or without a database",
    "504": "the outcome is not known yet; repeat with the same operation_id",
}


def openapi_document(requests: Iterable[type[Request[Any]]]) -> dict[str, Any]:
    """One path for each request; schemas of everything that travels."""
    classes = sorted(requests, key=lambda request: request.__name__)
    types: list[Any] = [*classes, *(reply_type(one) for one in classes), Problem]
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    count = len(classes)
    paths = {
        f"/v1/{one.__name__}": {"post": _call(one, schemas[i], schemas[count + i], schemas[-1])}
        for i, one in enumerate(classes)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kartoteka", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"session": {"type": "http", "scheme": "bearer"}},
        },
    }


def _call(
    request: type[Request[Any]], asked: dict[str, Any], reply: dict[str, Any], refusal: Any
) -> dict[str, Any]:
    lines = (request.__doc__ or "").strip().splitlines()
    responses: dict[str, Any] = {
        "200": {"description": "the reply", "content": {"application/json": {"schema": reply}}}
    }
    for status, words in STATUSES.items():
        responses[status] = {
            "description": words,
            "content": {"application/json": {"schema": refusal}},
        }
    return {
        "operationId": request.__name__,
        "summary": lines[0] if lines else request.__name__,
        "tags": [request.__module__.rpartition(".")[2]],
        "description": f"{'Changes something. ' if is_command(request) else ''}"
        f"Right: {request.right}.",
        "security": [] if request.right == PUBLIC else [{"session": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": asked}}},
        "responses": responses,
    }
