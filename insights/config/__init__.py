"""Configuration: TOML a contact-centre lead edits, read into frozen pydantic models."""
