"""`python -m bench`: contract, generation, imports, decoding, peers, each against a baseline of the same run."""

from bench import contract, decoding, generation, imports, peers, typescript

if __name__ == "__main__":
    for part in (contract, generation, imports, decoding, peers, typescript):
        part.main()
