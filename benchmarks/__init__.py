"""Commands that print every figure we publish; data outside the repository comes as an argument."""
