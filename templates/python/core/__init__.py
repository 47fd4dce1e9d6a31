"""The kernel of the client: everything that is the same for every operation.

Hand-written; generated modules import it and it imports none of them.
"""
