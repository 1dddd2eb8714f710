"""What the Hub says of a repository: its commit, files, sizes and digests. No bytes pass here.

huggingface_hub is imported on first use and only here: it costs half a second and 22 MiB. Its own download
neither verifies nor resumes, so that :mod:`~jupyter_nodeapi.models.mover` moves the bytes from the
addresses given here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from json import JSONDecodeError
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import msgspec

from jupyter_nodeapi.errors import InvalidPath, NodeApiError
from jupyter_nodeapi.models.addresses import origin_of
from jupyter_nodeapi.models.answers import retry_after
from jupyter_nodeapi.models.failures import SourceRefused, SourceUnavailable
from jupyter_nodeapi.models.names import check_relative
from jupyter_nodeapi.models.patterns import selected
from jupyter_nodeapi.models.schemas import Entry, FileSpec, Location, PlannedFile
from jupyter_nodeapi.models.transport import Secret

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo, RepoSibling

__all__ = ["cached", "check_safe", "endpoint", "repository_of", "resolve", "secret"]

_ENDPOINT = "https://huggingface.co"
_SECONDS = 30.0


def endpoint() -> str:
    """Give the Hub's address: ``HF_ENDPOINT``, or huggingface.co."""
    return (os.environ.get("HF_ENDPOINT") or _ENDPOINT).rstrip("/")


def secret() -> Secret | None:
    """Give the user's token for the Hub's own origin, from where huggingface_hub keeps it."""
    token = _library().get_token()
    origin = origin_of(endpoint())
    return Secret(origin, token) if token and origin else None


def repository_of(url: str) -> str:
    """Give ``org/name`` of a source, also when it was written as the address of the model's page.

    Raises
    ------
    SourceRefused
        It names no repository.
    """
    path = urlsplit(url).path if "://" in url else url
    parts = path.strip("/").split("/")[:2]
    try:
        repository = check_relative("/".join(parts))
    except InvalidPath:
        raise SourceRefused(
            "The entry names no repository of the Hub.", code="repository_not_found"
        ) from None
    return repository


def resolve(entry: Entry) -> tuple[str, tuple[PlannedFile, ...]]:
    """Ask the Hub for an entry's commit and files.

    Returns
    -------
    tuple of (str, tuple of PlannedFile)
        The commit, and each file with size, digest and address at that commit.

    Raises
    ------
    SourceRefused
        No token, licence not accepted, denied, unknown, or an unsafe file name.
    SourceUnavailable
        The Hub does not answer, or not sensibly.
    """
    repository = repository_of(entry.source.url)
    info = _ask(repository, entry)
    siblings = {item.rfilename: item for item in info.siblings or ()}
    commit = info.sha or entry.source.revision or "main"
    wanted = entry.files or tuple(
        FileSpec(path=name) for name in selected(siblings, entry.include, entry.exclude)
    )
    if not wanted:
        raise SourceRefused(
            "The repository holds no file that this entry wants.",
            code="file_not_found",
            hint="Check include and exclude of the registry entry.",
        )
    unsafe = _unsafe(info)
    planned = (_planned(spec, siblings, repository, commit) for spec in wanted)
    return commit, tuple(
        msgspec.structs.replace(file, unsafe=(spec.source or spec.path) in unsafe)
        for spec, file in zip(wanted, planned, strict=True)
    )


def check_safe(files: Iterable[PlannedFile]) -> None:
    """Refuse what the Hub's scanners call unsafe, wherever its bytes would come from.

    Raises
    ------
    SourceRefused
        One of the files is.
    """
    for file in files:
        if file.unsafe:
            raise _refused(
                "unsafe_file",
                f"The Hub's scanners call '{file.path}' unsafe: it may run code when it is loaded.",
                "See the model's page; c.Models.allow_unsafe = True installs it all the same.",
            )


def _unsafe(info: ModelInfo) -> set[str]:
    """Give the files in which the Hub found something; what it only finds suspicious may come."""
    status = getattr(info, "security_repo_status", None)
    rows = status.get("filesWithIssues") if isinstance(status, dict) else None
    found = (row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()
    return {str(row.get("path")) for row in found if row.get("level") == "unsafe"}


def cached(entry: Entry, name: str, commit: str) -> Path | None:
    """Give the file of a repository that the Hub's own cache holds at a commit, links resolved."""
    found = _library().try_to_load_from_cache(repository_of(entry.source.url), name, revision=commit)
    return Path(found).resolve() if isinstance(found, str) else None


def _library() -> Any:
    # Read at its import: without it the first call asks the public Hub about telemetry, and hangs offline.
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import huggingface_hub  # noqa: PLC0415 - half a second that only a download pays

    return huggingface_hub


def _ask(repository: str, entry: Entry) -> ModelInfo:
    hub = _library()
    known = secret()
    api = hub.HfApi(endpoint=endpoint(), token=known.token if known else False)
    try:
        info: ModelInfo = api.model_info(
            repository,
            revision=entry.source.revision,
            files_metadata=True,
            securityStatus=True,
            timeout=_SECONDS,
        )
    except hub.errors.HfHubHTTPError as error:
        _explain(error, repository, has_token=known is not None)
    except hub.errors.HFValidationError:
        raise SourceRefused(
            "The entry names no repository of the Hub.", code="repository_not_found"
        ) from None
    except JSONDecodeError:
        raise SourceUnavailable(
            "The Hub answered with something else than JSON.",
            code="html_page",
            hint="A proxy or login page may have answered; check HF_ENDPOINT and HTTPS_PROXY.",
        ) from None
    except (OSError, _transport_error()) as error:
        raise SourceUnavailable(
            "The Hub could not be reached.",
            code="unreachable",
            hint="Is the server offline? HTTPS_PROXY and HF_ENDPOINT are honoured.",
        ) from error
    return info


def _transport_error() -> type[Exception]:
    """Give the base of what the library's own HTTP client raises; its name changed between versions."""
    from huggingface_hub.utils import _http  # noqa: PLC0415

    client = getattr(_http, "httpx2", None) or getattr(_http, "httpx", None)
    error = getattr(client, "HTTPError", OSError)
    assert isinstance(error, type)
    assert issubclass(error, Exception)
    return error


def _explain(error: Any, repository: str, *, has_token: bool) -> NoReturn:
    """Tell apart what the Hub means by its 401, 403 and 404."""
    hub = _library()
    page = f"{endpoint()}/{repository}"
    status = error.response.status_code
    text = str(getattr(error, "server_message", None) or error).lower()
    if status in {408, 429} or status >= 500:
        raise SourceUnavailable(
            f"The Hub is busy (HTTP {status}).",
            code="source_busy",
            retry_after=retry_after(error.response.headers.get("Retry-After")),
        ) from None
    if "invalid credentials" in text or "invalid user token" in text:
        raise _refused("token_invalid", "The Hub does not accept the server's token.", "Renew HF_TOKEN.")
    if isinstance(error, hub.errors.GatedRepoError):
        raise _gated(text, page, has_token=has_token) from None
    if isinstance(error, hub.errors.RevisionNotFoundError):
        raise _refused(
            "revision_not_found", "The Hub does not know this revision of the model.", f"See {page}"
        ) from None
    if isinstance(error, hub.errors.DisabledRepoError) or status == 403:
        raise _refused("access_denied", "The Hub refuses access to this model.", f"See {page}") from None
    hint = f"See {page}" + ("" if has_token else "; a private model needs HF_TOKEN")
    raise _refused("repository_not_found", "The Hub does not know this model, or hides it.", hint) from None


def _gated(text: str, page: str, *, has_token: bool) -> NodeApiError:
    if not has_token:
        return _refused(
            "token_missing",
            "This model is gated and the server has no Hub token.",
            f"Accept its licence at {page} and set HF_TOKEN for the server.",
        )
    if "reject" in text:
        return _refused("access_denied", "Its authors rejected the request for access.", f"See {page}")
    if "await" in text or "pending" in text:
        return _refused("access_pending", "The request for access awaits its authors' review.", f"See {page}")
    return _refused(
        "licence_not_accepted", "The licence of this model was not accepted yet.", f"Accept it at {page}"
    )


def _refused(code: str, message: str, hint: str) -> SourceRefused:
    return SourceRefused(message, code=code, hint=hint)


def _planned(spec: FileSpec, siblings: dict[str, RepoSibling], repository: str, commit: str) -> PlannedFile:
    name = spec.source or spec.path
    item = siblings.get(name)
    if item is None:
        raise SourceRefused(
            f"The repository has no file '{name}'.",
            code="file_not_found",
            hint=f"See {endpoint()}/{repository}",
        )
    try:
        path = check_relative(spec.path)
        check_relative(name)
    except InvalidPath:
        raise SourceRefused("The repository holds a file with an unsafe name.", code="unsafe_name") from None
    sha256 = item.lfs.sha256 if item.lfs else None
    if spec.sha256 and sha256 and spec.sha256 != sha256:
        raise SourceRefused(
            "The Hub's file is another one than the registry entry promises.", code="checksum_mismatch"
        )
    url = f"{endpoint()}/{repository}/resolve/{quote(commit, safe='')}/{quote(name)}"
    return PlannedFile(
        path=path,
        locations=(Location(url=url, hub=True), *(Location(url=mirror) for mirror in spec.mirrors)),
        size=item.size if item.size is not None else spec.size,
        sha256=spec.sha256 or sha256,
        git_sha1=None if sha256 else item.blob_id,
    )
