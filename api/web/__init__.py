"""Front end (界面): page shells, static modules and translations."""
