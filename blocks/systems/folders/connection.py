"""A folder that files are taken from: what waits there, what was taken, and where answers are put."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from blocks.systems.folders.places import FolderPlaces


class FolderConnection(FolderPlaces):
    """The settings that every folder of files with rows has: how they are written, and the merchant's zone."""

    _block_type_name = "Connected Folder"

    profile: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="Name of the mapping profile that says how the files are written.",
    )
    time_zone: str = Field(default="Europe/Berlin", description="The merchant's zone: an order's day is a day there.")

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("is no time zone such as Europe/Berlin") from error
        return zone
