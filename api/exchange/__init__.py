"""Imports and exports, one file a format."""
