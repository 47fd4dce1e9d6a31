"""`python -m bench`: contract, generation, imports and decoding, each against a baseline of the same run."""

from bench import contract, decoding, generation, imports

if __name__ == "__main__":
    for part in (contract, generation, imports, decoding):
        part.main()
