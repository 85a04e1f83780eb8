"""Systems: whom SOMS talks to. One folder per kind with its contract; one file per system."""
