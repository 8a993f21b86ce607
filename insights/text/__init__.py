"""Words made ready: speakers told apart, personal data replaced, quoted history left out, sentences cut."""
