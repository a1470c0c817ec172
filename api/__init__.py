"""Ways in and out: translate, never decide."""
