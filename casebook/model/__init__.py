"""What a casebook is: tables, variables, values, dates, rules and derivations, without any file."""
