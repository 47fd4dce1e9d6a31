"""`python -m bench`: generation, imports and decoding, each against a baseline of the same run."""

from bench import decoding, generation, imports

if __name__ == "__main__":
    for part in (generation, imports, decoding):
        part.main()
