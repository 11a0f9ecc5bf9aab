"""What a house does with personal data, as facts, and the papers a company needs that are made of them."""
