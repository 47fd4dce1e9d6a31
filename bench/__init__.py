"""Speeds of the project, printed as medians and ratios; nothing here is a test."""
