"""The people who take over: who is free, which calls go on now, and what an agent may do with them."""
