"""The effects desk: people see what calls to outside systems would do, and retry or abandon them."""
