"""How often the app's verdict is wrong, and how often it finds what is there, on a bank of real runs."""
