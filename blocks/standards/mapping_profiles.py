"""Mapping profiles of every kind of file: told apart by what they say they read."""

from importlib import resources

from blocks.standards.order_files.file_form import mapping_in
from blocks.standards.order_files.profile import Profile, load_profile
from blocks.standards.order_files.shipped import shipped_profiles
from blocks.standards.stock_files.profile import StockProfile, load_stock_profile


def load_any_profile(text: str, *, name: str | None = None, version: int = 0) -> Profile | StockProfile:
    """Return the profile a YAML text states: of stock files where it says 'reads: stock', else of order files.

    Raises:
        WrongUse: No YAML, or a key that is unknown or has an impossible value; names the key's path and what it wants.
    """
    load = load_stock_profile if "reads" in mapping_in(text) else load_profile
    return load(text, name=name, version=version)


def shipped_stock_profiles() -> dict[str, str]:
    """Return the YAML of each profile of stock files that SOMS brings along, by its name."""
    folder = resources.files("blocks.standards.stock_files").joinpath("profiles")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name)
    return {file.name.removesuffix(".yaml"): file.read_text(encoding="utf-8") for file in files}


def all_shipped_profiles() -> dict[str, str]:
    """Return the YAML of every profile that SOMS brings along, by its name."""
    return shipped_profiles() | shipped_stock_profiles()
