"""The house is what it says: four rooms in one checkout, no tests in the wheel, flows that explain themselves."""

import importlib
import inspect
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pydantic import BaseModel

from deployments.schedules import DEPLOYMENTS, Scheduled

ROOT = Path(__file__).parents[2]
ROOMS = ("blocks", "deployments", "flows", "tasks")


@pytest.mark.parametrize("name", ROOMS)
def test_the_four_rooms_are_those_of_this_checkout(name: str) -> None:
    assert Path(str(importlib.import_module(name).__file__)).parent == ROOT / name


def test_the_wheel_holds_the_four_rooms_and_nothing_else(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == set(ROOMS)
    assert "blocks/database/migrations/versions/0001_the_first_tables.py" in names
    assert [name for name in names if "test" in name.lower().rpartition("/")[2] and name.endswith(".py")] == []


def named(deployment: Scheduled) -> str:
    return f"{deployment.entrypoint}/{deployment.name}"


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=named)
def test_every_deployment_is_a_flow_whose_form_explains_itself(deployment: Scheduled) -> None:
    module, _, name = deployment.entrypoint.rpartition(".")
    flow = getattr(importlib.import_module(module), name)
    (parameter,) = inspect.signature(flow.fn, eval_str=True).parameters.values()
    (model,) = (
        kind for kind in getattr(parameter.annotation, "__args__", [parameter.annotation]) if kind is not type(None)
    )
    assert issubclass(model, BaseModel)
    assert model.__doc__
    assert [field for field, about in model.model_fields.items() if not about.description] == []
    if deployment.every or deployment.cron:  # a form that a person fills in may ask for what nobody can know before
        model.model_validate(deployment.parameters.get(parameter.name, {}))


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("flows.order_intake", ("great_expectations", "pandas", "sqlmodel", "sqlmodel.main", "alembic")),
        ("deployments.cli", ("prefect", "sqlmodel", "alembic", "pandas", "lxml", "httpx")),
    ],
    ids=["an idle poll", "a command's help"],
)
def test_what_starts_often_imports_nothing_heavy(module: str, heavy: tuple[str, ...]) -> None:
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
