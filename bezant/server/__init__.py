"""The HTTP sidecar in front of a gateway: `bezant serve`, or an app for any server of ASGI.

Needs `pip install 'bezant[server]'`.
"""
