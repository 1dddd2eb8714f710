"""Who may import whom: docs/explanation/architecture.md as a test."""

from __future__ import annotations

import sys

import pytest

from tests.contract.house import PACKAGE, ROOMS, Import, Module, modules

FLOOR = ("errors", "disk", "jobs")

# what each folder of the package may import from the others; its own modules always
MAY = {
    "": ("app",),
    "errors": (),
    "disk": ("errors",),
    "web": ("errors", "disk"),
    "jobs": ("errors", "disk"),
    **dict.fromkeys(ROOMS, FLOOR),
    "site": (*FLOOR, *ROOMS, "web", "routes"),
    "routes": (*FLOOR, *ROOMS, "web", "site"),
    "jupyterhub": ("errors",),
    "app": (*FLOOR, *ROOMS, "web", "site", "routes", "cli", "jupyterhub"),
    "cli": (*FLOOR, *ROOMS, "web", "site", "routes", "app", "jupyterhub"),
}

# where a library may be imported at all; those under ON_FIRST_USE only inside a function
HTTP = ("web", "site", "routes", "app", "jupyterhub", "cli")
ONLY_IN = {
    "huggingface_hub": ("models.huggingface",),
    "soundfile": ("audio.sound", "audio.reading"),
    "numpy": ("audio.reading", "audio.peaks", "audio.pyramid", "audio.glance"),
    "distributed": ("jobs.engines.dask",),
    "dask": ("jobs.engines.dask",),
    "jupyterhub": ("jupyterhub",),
}
ON_FIRST_USE = ("huggingface_hub", "soundfile", "numpy", "distributed", "dask", "imageio_ffmpeg")


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else ""


def told(module: Module, wrong: list[Import]) -> list[str]:
    return [f"{module.file}:{found.line} imports {found.module}" for found in wrong]


def test_a_room_stands_only_on_what_is_below_it() -> None:
    wrong = []
    for module in modules():
        allowed = {module.room, *MAY[module.room]}
        if module.leaf == "handlers" and module.room in {"jobs", *ROOMS}:
            allowed.add("web")
        ours = [found for found in module.imports if found.module.startswith(f"{PACKAGE}.")]
        wrong += told(module, [found for found in ours if room_of(found.module) not in allowed])
    assert wrong == []


def test_http_stays_in_the_house_front() -> None:
    wrong = []
    for module in (m for m in modules() if m.room not in HTTP and m.leaf != "handlers"):
        http = [found for found in module.imports if library_of(found) in {"tornado", "jupyter_server"}]
        wrong += told(module, http)
    assert wrong == []


def test_heavy_libraries_have_one_home_and_load_on_first_use() -> None:
    wrong = []
    for module in modules():
        home = module.name.removeprefix(f"{PACKAGE}.")
        for found in module.imports:
            library = library_of(found)
            astray = library in ONLY_IN and home not in ONLY_IN[library]
            if astray or (library in ON_FIRST_USE and found.at_load):
                wrong += told(module, [found])
    assert wrong == []


def library_of(found: Import) -> str:
    return found.module.split(".")[0]


def settings_files(room: str) -> list[Module]:
    here = [module for module in modules() if module.room == room and module.leaf != "handlers"]
    return [m for m in here if any(found.module.split(".")[0] == "traitlets" for found in m.imports)]


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_keeps_its_settings_in_one_file(room: str) -> None:
    assert len(settings_files(room)) == 1


def test_no_settings_outside_services_jobs_app_and_cli() -> None:
    elsewhere = {m.room for m in modules()} - {*ROOMS, "app", "cli", "jupyterhub"}
    found = {m.name.removeprefix(f"{PACKAGE}.") for room in elsewhere for m in settings_files(room)}
    assert {name for name in found if name != "jobs.runner" and not name.startswith("jobs.engines")} == set()


@pytest.mark.parametrize("room", ROOMS)
def test_inside_a_room_imports_point_down(room: str) -> None:
    """schemas <- the workers <- the service <- handlers; ``spec`` is what a job is told: data, as schemas are."""
    service = {m.name for m in settings_files(room)}
    wrong = []
    for module in (m for m in modules() if m.room == room):
        barred = {f"{PACKAGE}.{room}.handlers"}
        if module.leaf == "schemas":
            barred |= {m.name for m in modules() if m.room == room and m.leaf != "spec"}
        elif module.leaf != "handlers":
            barred |= service
        barred -= {module.name, f"{PACKAGE}.{room}"}
        wrong += told(module, [found for found in module.imports if found.module in barred])
    assert not wrong


def test_the_kernel_half_carries_nothing_of_the_server() -> None:
    heavy = {"tornado", "huggingface_hub", "numpy", "soundfile", "jupyter_server", PACKAGE}
    for module in modules("widgets/jupyter_nodeapi_widgets"):
        assert not told(module, [found for found in module.imports if found.module.split(".")[0] in heavy])


def test_the_client_is_the_standard_library_alone() -> None:
    """``jupyter_core`` says where servers write their files; ``tqdm`` is an extra; both load on first use."""
    others = {"jupyter_nodeapi_widgets", *sys.stdlib_module_names}
    for module in modules("widgets/jupyter_nodeapi_widgets/client"):
        foreign = [found for found in module.imports if library_of(found) not in others]
        assert not told(module, [found for found in foreign if found.at_load or library_of(found) != "tqdm"])
