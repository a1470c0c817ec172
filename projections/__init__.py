"""Read side: turns the log into temporal tables and answers; knows events, no rules."""
