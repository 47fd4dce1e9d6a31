"""What changed between two revisions, for people who call the API: findings, compare, report."""
