"""The normaliser: repairs IBKR's OpenAPI document, explains every change and proves invariants."""
