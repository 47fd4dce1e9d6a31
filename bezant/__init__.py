"""Runtime for the Interactive Brokers Web API, on top of the generated client `bezant_api`."""

__version__ = "0.1.0"
