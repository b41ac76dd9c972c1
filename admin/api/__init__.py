"""The REST API under /api, one module a resource."""
