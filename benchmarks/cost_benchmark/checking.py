def check_estimates(names, repeats):
    return []
