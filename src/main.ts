await Promise.resolve()
