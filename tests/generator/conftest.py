"""Where the tests of the generator find themselves: `tests.generator` is a namespace package."""
