"""`companion audit privacy`: type canaries everywhere, record every byte that leaves, search everything that stays."""
