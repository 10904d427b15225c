"""The people of the roster: bringing them in, binding them to WeChat accounts, logging them in to pages."""
