"""Orders of the mock gateway: tickets become orders, orders become executions, and both are told about.

`book` is the way in. It needs a clock, a world and a source of chance, and knows nothing of HTTP beyond
the replies that it refuses with.
"""
