"""Provider folders that are wrong: each fault is refused in one line that names file and key."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from hookassay.mockserver.emission import overrides
from hookassay.mockserver.emission.ids import GENERATORS
from hookassay.schemas import catalogue, consistency, inspection
from hookassay.schemas.catalogue import BadProvider

FAULTS = {fault["name"]: fault for fault in catalogue.read_toml(Path(__file__).parent / "faults.toml")["fault"]}


def spoil(folder: Path, fault: dict[str, Any]) -> Path:
    """Put a fault into a right folder (the form: faults.toml); gives the folder, which may have been renamed."""
    if "folder" in fault:
        return folder.rename(folder.with_name(fault["folder"]))
    path = folder / fault["file"]
    found = path.read_text(encoding="utf-8") if path.is_file() else ""
    if "old" in fault:
        assert fault["old"] in found
        found = found.replace(fault["old"], fault["new"], 1)
    elif "add" in fault:
        found += fault["add"]
    elif "cut" in fault:
        found = found.partition(fault["cut"])[0]
    elif "whole" in fault:
        found = fault["whole"]
    elif "at" in fault:
        document = json.loads(found)
        overrides.put(document, fault["at"], json.loads(fault["json"]))
        found = json.dumps(document)
    if fault.get("delete"):
        path.unlink()
    else:
        path.write_text(found, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_refused_with_file_and_key(folder: Path, name: str) -> None:
    """A folder with one fault is refused, in one line that says where it is."""
    fault = FAULTS[name]
    folder = spoil(folder, fault)
    with pytest.raises(BadProvider) as refused:
        inspection.inspect(folder)
    file = folder / fault.get("told", fault.get("file", "provider.toml"))
    assert (refused.value.file, refused.value.key) == (file, fault["key"])
    assert fault.get("words", "") in refused.value.problem
    told = str(refused.value)
    assert "\n" not in told
    assert told.startswith(f"{file}: {fault['key']}: " if fault["key"] else f"{file}: ")


def test_every_fault_has_a_name_of_its_own() -> None:
    """No fault hides another."""
    data = catalogue.read_toml(Path(__file__).parent / "faults.toml")["fault"]
    assert len(data) == len(FAULTS) > 90


def test_a_folder_without_faults_is_not_refused(folder: Path) -> None:
    """What the faults are put into is right."""
    inspection.inspect(folder)


def test_a_folder_that_is_loaded_is_inspected_first(folder: Path) -> None:
    """Nobody gets a provider out of a wrong folder, whatever way it is asked for."""
    spoil(folder, FAULTS["missing key"])
    with pytest.raises(BadProvider, match="'contract' is a required property"):
        catalogue.load("stamped", [folder])


def test_a_path_without_a_provider_is_told(tmp_path: Path) -> None:
    """A folder that holds none, and one that does not exist, are told apart."""
    with pytest.raises(BadProvider, match=re.escape("no provider.toml here or one folder below")):
        catalogue.find([tmp_path])
    with pytest.raises(BadProvider, match="no such folder"):
        catalogue.find([tmp_path / "nowhere"])


def test_no_provider_takes_the_name_of_another(tmp_path: Path, folder: Path) -> None:
    """A folder that is called as one of ours, or as another of one's own, does not silently stand in its place."""
    first = next(iter(catalogue.find()))
    (tmp_path / "more" / first).mkdir(parents=True)
    (tmp_path / "more" / first / "provider.toml").touch()
    with pytest.raises(BadProvider, match=f"another provider is called '{first}' already"):
        catalogue.find([tmp_path / "more"])
    assert catalogue.find([folder, folder.parent])["stamped"] == folder.resolve()


def test_an_unknown_provider_is_told_with_the_nearest(own_providers: Path) -> None:
    """A misspelt name has its nearest beside it, and all that are known."""
    with pytest.raises(catalogue.UnknownName, match=r"unknown provider 'stampd' \(did you mean 'stamped'\?\); known: "):
        catalogue.load("stampd", [own_providers])


def test_optional_files_are_optional(folder: Path) -> None:
    """Requirements, cases, scenarios and shared definitions need not be there."""
    for path in ("cases.toml", "requirements.toml", "scenarios/second-try.toml"):
        (folder / path).unlink()
    inspection.inspect(folder)
    assert catalogue.read(folder).scenarios == {}


def test_the_kinds_of_fresh_values_are_those_that_are_made() -> None:
    """What inspection lets a cast name is what emission can make."""
    assert set(consistency.KINDS) == set(GENERATORS)
