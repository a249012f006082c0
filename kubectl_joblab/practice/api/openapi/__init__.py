"""The OpenAPI documents at /openapi/v3: what kubectl explain, create and apply go by."""
