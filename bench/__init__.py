"""Speed, measured side by side with kubectl on the same cluster and printed as ratios."""
