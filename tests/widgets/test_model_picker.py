"""ModelPicker in the kernel: what its traits promise, without a page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.widgets.server_of_jobs import FakeApi

pytest.importorskip("anywidget")


@pytest.fixture
def picker_class(built_widgets: None) -> Any:
    from jupyter_nodeapi_widgets.model_picker import ModelPicker

    return ModelPicker


def model(model_id: str, *files: str, installed: bool = True) -> dict[str, Any]:
    return {"id": model_id, "name": model_id, "installed": installed, "files": list(files)}


def test_what_is_asked_for_is_what_the_page_is_told(picker_class: Any) -> None:
    picker = picker_class("Audio", "voice", multiple=True, installed_only=True, value=["a"], api=FakeApi())
    told = picker.get_state()
    assert {name: told[name] for name in ("category", "query", "multiple", "installed_only", "value")} == {
        "category": "Audio",
        "query": "voice",
        "multiple": True,
        "installed_only": True,
        "value": ["a"],
    }


@pytest.mark.parametrize(
    ("multiple", "asked", "kept"),
    [
        (False, ["a", "b"], ["a"]),
        (True, ["a", "b", "a"], ["a", "b"]),
        (True, [], []),
        (False, "org/name", ["org/name"]),
    ],
)
def test_a_value_holds_each_id_once_and_one_where_only_one_may_be(
    picker_class: Any, multiple: bool, asked: Any, kept: list[str]
) -> None:
    assert picker_class(multiple=multiple, value=asked, api=FakeApi()).value == kept


def test_the_first_stays_when_several_may_no_longer_be(picker_class: Any) -> None:
    picker = picker_class(multiple=True, value=["a", "b"], api=FakeApi())
    picker.multiple = False
    assert picker.value == ["a"]


def test_paths_are_those_of_the_installed_ones_in_the_order_of_the_value(picker_class: Any) -> None:
    api = FakeApi(
        models=[
            model("one", "Audio/one.pth"),
            model("many", "Art/many/unet.pth", "Art/many/vae/x.pth"),
            model("absent", installed=False),
        ]
    )
    picker = picker_class(multiple=True, value=["many", "absent", "one", "unknown"], api=api)
    heard: list[Any] = []
    picker.observe(lambda change: heard.append(change["new"]), "paths")
    picker.refresh()
    assert (picker.paths, picker.path) == (["Art/many", "Audio/one.pth"], "Art/many")
    assert heard == [["Art/many", "Audio/one.pth"]]
    picker.value = []
    picker.refresh()
    assert (picker.paths, picker.path) == ([], None)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ([], None),
        (["A/x.pth"], "A/x.pth"),
        (["A/m/x.pth", "A/m/y.pth"], "A/m"),
        (["A/m/s/x.pth", "A/m/y.pth"], "A/m"),
        (["a/x", "b/y"], "a/x"),
    ],
)
def test_a_model_lies_in_its_file_or_the_folder_of_all(
    built_widgets: None, files: list[str], place: str | None
) -> None:
    from jupyter_nodeapi_widgets.model_picker import common_place

    assert common_place(files) == place


def test_no_token_is_in_what_the_page_is_told(picker_class: Any) -> None:
    assert FakeApi.token not in repr(picker_class(api=FakeApi()).get_state())
