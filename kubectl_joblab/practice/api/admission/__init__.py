"""The admission chain: plugins that complete objects or refuse them before they are written."""
