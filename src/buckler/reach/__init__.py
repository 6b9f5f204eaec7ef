"""Joins facts and engines: what follows from an estate as a whole."""
