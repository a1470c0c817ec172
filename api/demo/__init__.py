"""The demonstration: real areas, a seeded world, a scripted morning."""
