"""The quarantine desk: people look at records that were put aside, correct, release or reject them."""
