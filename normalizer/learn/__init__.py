"""What recorded answers teach: overlay actions, with their evidence, for what a document gets wrong."""
