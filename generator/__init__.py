"""The generator: from the normalised document to packages, through one language-neutral model."""
