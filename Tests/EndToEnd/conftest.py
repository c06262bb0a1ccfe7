"""What all tests share: the program's path and processes that end with their test."""

import os
import pathlib

import pytest

from program import Programs

ROOT = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def root():
    """The project's directory."""
    return ROOT


@pytest.fixture(scope="session")
def binary():
    path = os.environ.get("PROGRAM_UNDER_TEST")
    assert path, "run the tests by run.py PROGRAM"
    return path


@pytest.fixture
def programs(binary, tmp_path):
    programs = Programs(binary, tmp_path)
    yield programs
    programs.end()


@pytest.fixture(scope="module")
def shared_programs(binary, tmp_path_factory):
    """For tests of one file that share a server."""
    programs = Programs(binary, tmp_path_factory.mktemp("shared"))
    yield programs
    programs.end()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed:
        for name in ("programs", "shared_programs"):
            for process in getattr(item.funcargs.get(name), "started", []):
                report.sections.append((f"process {process.child.pid}", process.story()))
    return report
