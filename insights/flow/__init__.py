"""One file a use: the only place where the rooms meet. Reads the store, writes the store."""
