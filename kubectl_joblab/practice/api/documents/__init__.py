"""The OpenAPI documents, v3 and v2: what kubectl explain, create and apply go by."""
