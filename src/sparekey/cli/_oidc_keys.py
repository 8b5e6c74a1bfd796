"""Reading the keys of OpenID Connect providers: ``--oidc-keys https://idp.example.com=keys.json``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sparekey.cli._files import PARAMETERS, read_file
from sparekey.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCHEME: Final = "https://"


def read_oidc_keys(texts: Sequence[str]) -> dict[str, str]:
    """JSON Web Key Sets by the URLs of providers, without ``https://``; each text is ``URL=FILE``.

    Raises:
        InputError: a text is something else, or a file holds no key set.
    """
    return dict(_read(text) for text in texts)


def _read(text: str) -> tuple[str, str]:
    url, equals, name = text.partition("=")
    if not equals or not url.startswith(_SCHEME) or url == _SCHEME or not name:
        hint = "such as `--oidc-keys https://idp.example.com=keys.json`"
        raise InputError(
            f"`--oidc-keys {text}`: this is no `URL=FILE` with a URL that begins with `https://`", hint=hint
        )
    try:
        document = json.loads(read_file(name, PARAMETERS))
    except ValueError:
        raise InputError(f"`{name}` is no JSON") from None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
        raise InputError(f"`{name}` is no JSON Web Key Set", hint='an object with a list of `keys`: {"keys": […]}')
    return url.removeprefix(_SCHEME), json.dumps({"keys": keys})
