"""All objects in memory, what lately changed, and SQLite behind them."""
