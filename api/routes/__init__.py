"""HTTP routes by capability: JSON to command to World.do."""
