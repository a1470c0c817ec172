"""Pages by view: query to primitives to template or JSON."""
