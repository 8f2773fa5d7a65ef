"""What training takes: runs of every depth of freezing, and the estimates made from them."""
