"""What the API says of itself: discovery, and the OpenAPI documents that kubectl explain reads."""
