"""The web server as ``sparekey serve`` runs it, under an application that reads the body and answers an empty 200.

``python -m benchmarks.web_servers.empty PORT``: what is left when nothing is asked of the server.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

from granian.server.embed import Server

from sparekey.server.settings import Settings
from sparekey.server.worker import _options


async def empty(_: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body, answer nothing."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def main() -> None:
    """Serve until told to stop."""
    server = Server(target=empty, **_options(Settings(state="", port=int(sys.argv[1]))))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, server.stop)
    await server.serve()


if __name__ == "__main__":
    asyncio.run(main())
