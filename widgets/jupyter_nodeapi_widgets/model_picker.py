"""Find a model, install it where you stand, choose it.

::

    query, category, installed_only, multiple   <-->  what the page shows
    value (ids)                                 <-->  what is chosen
    path, paths                                 <---  where they lie once installed, as the server says
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from jupyter_nodeapi_widgets._base import ApiWidget, static

__all__ = ["ModelPicker"]


class ModelPicker(ApiWidget):
    """A searchable list of the server's models.

    Parameters
    ----------
    category : str, optional
        Only models of this category.
    query : str
        What is searched for; the words must all occur in a model's id, name, category, description or tags.
    multiple : bool
        Whether several may be chosen.
    installed_only : bool
        Only models that are here.
    value : iterable of str
        The ids that are chosen.
    api : NodeApi, optional
        The server; found by itself when not given.

    Attributes
    ----------
    path : str or None
        Where the first chosen model lies once it is installed, relative to the server's folder of models: its
        file, or of several files the folder that holds them.
    paths : list of str
        The same of every chosen model that is installed, in the order of `value`.
    """

    _esm, _css = static("model_picker")

    category = traitlets.Unicode(None, allow_none=True, help="Only this category.").tag(sync=True)
    query = traitlets.Unicode("", help="What is searched for.").tag(sync=True)
    multiple = traitlets.Bool(False, help="Whether several may be chosen.").tag(sync=True)
    installed_only = traitlets.Bool(False, help="Only models that are installed.").tag(sync=True)
    value: traitlets.List[str] = traitlets.List(traitlets.Unicode(), help="The chosen ids.").tag(sync=True)
    path = traitlets.Unicode(None, allow_none=True, help="Where the first chosen model lies.").tag(sync=True)
    paths: traitlets.List[str] = traitlets.List(traitlets.Unicode(), help="Where the chosen models lie.").tag(
        sync=True
    )

    def __init__(
        self,
        category: str | None = None,
        query: str = "",
        multiple: bool = False,
        installed_only: bool = False,
        value: Iterable[str] = (),
        **traits: Any,
    ) -> None:
        super().__init__(
            category=category,
            query=query,
            multiple=multiple,
            installed_only=installed_only,
            value=[value] if isinstance(value, str) else list(value),
            **traits,
        )

    def refresh(self) -> None:
        """Ask the server now, from the kernel, where the chosen models lie."""
        places = [self._place(model_id) for model_id in self.value]
        with self.hold_trait_notifications():
            self.paths = [place for place in places if place is not None]
            self.path = self.paths[0] if self.paths else None

    def _place(self, model_id: str) -> str | None:
        rows: list[dict[str, Any]] = self.api.request("GET", "/api/models", params={"q": model_id}).json()
        found = next((row for row in rows if row["id"] == model_id and row["installed"]), {})
        return common_place(found.get("files", []))

    @traitlets.validate("value")
    def _each_once(self, proposal: Any) -> list[str]:
        ids = list(dict.fromkeys(proposal["value"]))
        return ids if self.multiple else ids[:1]

    @traitlets.observe("multiple")
    def _only_one(self, change: Any) -> None:
        if not change["new"]:
            self.value = self.value[:1]


def common_place(files: Iterable[str]) -> str | None:
    """Give the one file, or of several the folder that holds them all; None where there is no file.

    Parameters
    ----------
    files : iterable of str
        Relative to the server's folder of models, with ``/``.
    """
    paths = [file.split("/") for file in files]
    if not paths:
        return None
    if len(paths) == 1:
        return "/".join(paths[0])
    folders = [path[:-1] for path in paths]
    shared: list[str] = []
    for parts in zip(*folders, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared) or "/".join(paths[0])
