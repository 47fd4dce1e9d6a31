"""Emitters: from the IR to the files of a package, in memory. Pure."""
