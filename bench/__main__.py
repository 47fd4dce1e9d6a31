"""`python -m bench`: contract, generation, imports and decoding, each against a baseline of the same run."""

from bench import contract, decoding, generation, imports, peers

if __name__ == "__main__":
    for part in (contract, generation, imports, decoding, peers):
        part.main()
