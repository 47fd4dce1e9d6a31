"""`python -m bench`: each part against a baseline of the same run."""

from bench import contract, decoding, generation, imports, mock, peers, sidecar, typescript

if __name__ == "__main__":
    for part in (contract, generation, imports, decoding, peers, typescript, mock, sidecar):
        part.main()
