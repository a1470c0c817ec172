"""What runs: the World, its wiring, settings, clock, vault, timers, notifications."""
