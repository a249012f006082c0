"""The four kinds of patch, server-side apply among them."""
