"""What every route shares: the application, sign-in, bodies, lists, errors, streams."""
