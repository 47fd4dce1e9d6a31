"""From the IR to the view models of a language: every decision that templates print."""
