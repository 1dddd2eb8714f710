"""What every handler does before and after its one service call.

The life of a request::

    headers ─ prepare ─ authenticated? ─ XSRF? ─ authorized? ─ limit ─┬─ body ─ verb ─ reply
                            403             403        403     413    └─ a limit is remembered: the rest
                            at once, before a byte of body                of the body is drained, then told

All handlers stream: Tornado reads other bodies whole before any code of ours runs.
"""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import msgspec
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado import web

from jupyter_nodeapi.disk.blocking import Threads
from jupyter_nodeapi.errors import Forbidden, InvalidParameter, MethodNotAllowed, NodeApiError, TooLarge
from jupyter_nodeapi.web import render, strict_json
from jupyter_nodeapi.web.lending import hang_up
from jupyter_nodeapi.web.patience import SILENCE_SECONDS, Patience

__all__ = ["DRAIN_BYTES", "Handler", "threads"]

T = TypeVar("T")

DRAIN_BYTES = 80 * 2**20
"""How much of a refused body is read away, so that its sender sees the answer and keeps the connection."""

_LARGE_BYTES = 256 * 2**10
_UNLIMITED = 2**62
_SAFE = {"GET", "HEAD", "OPTIONS"}
_MISSING = re.compile(r"missing required field `([^`]+)`")

threads = Threads(4, "nodeapi-web")
"""Where large JSON is parsed and files are read."""


@web.stream_request_body
class Handler(APIHandler):
    """Base of all handlers: guards, reads, replies, and renders errors.

    A room derives one base with its ``room`` and an ``initialize`` that takes its service; leaves add verbs.
    """

    room: ClassVar[str] = "nodeapi"
    body_limit: ClassVar[int] = 2**20
    own = False
    """Whether this is about what is the user's alone: an authorizer may tell it from what is everybody's."""

    @property
    def auth_resource(self) -> str:
        """The resource that an authorizer is asked about."""
        return self.room

    def limit(self) -> int:
        """Largest body in bytes; override where a trait says so."""
        return self.body_limit

    @functools.cached_property
    def patience(self) -> Patience:
        """Waits for the body."""
        seconds = self.settings.get("nodeapi_silence_seconds", SILENCE_SECONDS)
        return Patience(seconds, self._hang_up)

    # -- before the verb

    async def prepare(self) -> None:  # type: ignore[override]  # as APIHandler has it
        """Authenticate, authorize and set the limit, before a byte of the body is accepted."""
        self.request_id = uuid.uuid4().hex
        self._received = 0
        self._buffer = bytearray()
        self._refused: NodeApiError | None = None
        self.set_header("X-Content-Type-Options", "nosniff")
        try:
            with self.patience:
                await self._enter()
        except (NodeApiError, web.HTTPError) as error:
            if self._has_body():
                raise
            # An answer from within prepare makes Tornado close the connection, and a proxy that keeps it
            # would answer the next request with 503. Without a body there is no reason: the verb answers.
            self.refuse(render.as_error(error))

    async def _enter(self) -> None:
        await super().prepare()
        if self._finished:
            return
        if self.request.method != "OPTIONS":
            await self.guard()
        if self.request.method not in self._verbs():
            raise MethodNotAllowed
        connection = self.request.connection
        assert connection is not None
        connection.set_max_body_size(_UNLIMITED)  # type: ignore[attr-defined]  # we count, and answer in JSON
        self._check_length()

    async def guard(self) -> None:
        """Let in whom the authorizer lets in; everyone else is refused before a byte of the body."""
        if not self.current_user:
            raise Forbidden("You are not logged in.", code="not_authenticated")
        action = "read" if self.request.method in _SAFE else "write"
        allowed = self.authorizer.is_authorized(self, self.current_user, action, self.auth_resource)
        if not await ensure_async(allowed):
            raise Forbidden(
                f"You may not {action} here ({self.auth_resource}).", hint="Ask an administrator."
            )

    def _check_length(self) -> None:
        try:
            length = int(self.request.headers.get("Content-Length", "0"))
        except ValueError:
            raise InvalidParameter("Content-Length is not a number.") from None
        if length > self.limit():
            error = TooLarge(f"The body has {length} bytes; the limit is {self.limit()}.", limit=self.limit())
            expecting = self.request.headers.get("Expect", "").lower() == "100-continue"
            if expecting or length > DRAIN_BYTES:
                raise error
            self.refuse(error)

    def refuse(self, error: NodeApiError) -> None:
        """Remember why the body is refused; its rest is drained and the verb answers with the error."""
        if self._refused is None:
            self._refused = error
            method = self.request.method or "GET"
            setattr(self, method.lower(), self._answer_refusal)

    async def _answer_refusal(self, *_args: str, **_kwargs: str) -> None:
        assert self._refused is not None
        raise self._refused

    async def data_received(self, chunk: bytes) -> None:
        """Take one piece of the body, or drain it after a refusal."""
        self._received += len(chunk)
        if self._finished:
            return
        if self._refused is None and self._received > self.limit():
            self.refuse(TooLarge(f"The body is larger than {self.limit()} bytes.", limit=self.limit()))
        if self._refused is None:
            with self.patience:
                await self.take(chunk)
        elif self._received > DRAIN_BYTES:
            self._handle_request_exception(self._refused)

    async def take(self, chunk: bytes) -> None:
        """Keep a piece of an accepted body; small bodies are gathered in memory."""
        self._buffer += chunk

    # -- reading

    async def body(self, schema: type[T]) -> T:
        """Give the JSON body as a value of ``schema``.

        Raises
        ------
        InvalidJSON
            When the body is not RFC 8259 JSON.
        InvalidParameter
            When a field is missing or of a wrong type; ``field`` names it.
        """
        data = bytes(self._buffer)
        large = len(data) > _LARGE_BYTES
        value = await threads.run(strict_json.loads, data) if large else strict_json.loads(data)
        return _convert(value, schema, strict=True)

    def query(self, schema: type[T]) -> T:
        """Give the query arguments as a value of ``schema``; unknown ones are ignored.

        Raises
        ------
        InvalidParameter
            When an argument is missing, repeated or of a wrong type; ``field`` names it.
        """
        known = {field.encode_name for field in msgspec.structs.fields(schema)}  # type: ignore[arg-type]
        values: dict[str, str] = {}
        for name in known & set(self.request.query_arguments):
            given = self.request.query_arguments[name]
            if len(given) > 1:
                raise InvalidParameter(f"The argument '{name}' is given twice.", field=name)
            values[name] = self.decode_argument(given[0], name)
        return _convert(values, schema, strict=False)

    # -- replying

    def reply(
        self,
        value: Any,
        status: int = 200,
        *,
        etag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer with ``value`` as JSON; with ``etag`` a matching ``If-None-Match`` gives 304."""
        self.set_status(status)
        for name, text in (headers or {}).items():
            self.set_header(name, text)
        self.reply_bytes(msgspec.json.encode(value), etag)

    def reply_bytes(self, data: bytes, etag: str | None = None) -> None:
        """Answer with JSON that is already encoded."""
        if etag is not None:
            self.set_header("Etag", etag)
            if self.request.method in _SAFE and self.check_etag_header():
                self.set_status(304)
                self.finish()
                return
        self.finish(data)

    def compute_etag(self) -> None:
        """Never hash a reply: routes that have an ETag set it themselves."""
        return

    # -- errors

    def error_fields(self, error: NodeApiError) -> dict[str, Any]:
        """Fields that this room's document adds to an error reply."""
        return {}

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render any failure as JSON; never a path, a traceback or the system's own text."""
        raised = kwargs.get("exc_info", (None, None))[1]
        error = render.as_error(raised, status_code)
        self.set_status(error.status)
        if error.retry_after is not None:
            self.set_header("Retry-After", str(error.retry_after))
        if error.status == 405:
            self.set_header("Allow", ", ".join(self._verbs()))
        if error.status == 416:
            self.set_header("Content-Range", f"bytes */{error.details['size']}")
        if not self._body_is_read():
            self.set_header("Connection", "close")
        request_id = getattr(self, "request_id", "")
        if error.status == 500:
            self.log.error("Request %s failed", request_id)
        else:
            self.log.info("Request %s was refused: %s", request_id, error.code)
        self.finish(msgspec.json.encode({**self.error_fields(error), **render.fields(error, request_id)}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log bugs with their traceback, once; refusals are the access log's business."""
        if render.as_error(value).status == 500:
            super().log_exception(typ, value, tb)

    def _handle_request_exception(self, e: BaseException) -> None:
        """Let our own errors and the machine's end the request as their own status, not as 500."""
        if isinstance(e, (NodeApiError, OSError, UnicodeError)) and not self._finished:
            self.log_exception(type(e), e, e.__traceback__)
            self.send_error(render.as_error(e).status, exc_info=(type(e), e, e.__traceback__))
        else:
            super()._handle_request_exception(e)

    def _body_is_read(self) -> bool:
        """Say whether Tornado keeps the connection; where it does not, the answer must say so."""
        return bool(getattr(self.request.connection, "_read_finished", True))

    def _hang_up(self) -> None:
        if not self._body_is_read():
            hang_up(self.request)

    def on_finish(self) -> None:
        """Wait for nothing any more."""
        super().on_finish()
        self.patience.end()

    def on_connection_close(self) -> None:
        """Wait for nothing any more."""
        super().on_connection_close()
        self.patience.end()

    def _has_body(self) -> bool:
        headers = self.request.headers
        return headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers

    def _verbs(self) -> list[str]:
        return [
            verb
            for verb in self.SUPPORTED_METHODS
            if getattr(type(self), verb.lower(), None) is not web.RequestHandler._unimplemented_method  # noqa: SLF001
        ]


def _convert(value: Any, schema: type[T], *, strict: bool) -> T:
    try:
        return msgspec.convert(value, schema, strict=strict)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        missing = _MISSING.search(reason)
        field = ".".join(filter(None, (path.strip("`."), missing.group(1) if missing else ""))) or None
        where = f" in '{field}'" if field and not missing else ""
        raise InvalidParameter(f"{reason}{where}.", field=field) from None
