"""Who somebody is: accounts, passwords, second factors, sessions, and another house's word for it."""
