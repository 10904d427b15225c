"""What people are told, what the platform grants for it, and how much of their time is taken."""
